using Dpwa.Averaging;
using Dpwa.Peers;

namespace Dpwa.Configuration;

/// <summary>
/// What values the keys may have: one set of rules, whether they come from a file or from code. Each reports what is wrong and says
/// whether the value can be used.
/// </summary>
internal sealed class OptionsRules(ErrorList errors, DpwaExtensions extensions)
{
    // In the order of the enumerations.
    public static readonly string[] ApplyForms = ["parameters", "delta"];
    public static readonly string[] Exchanges = ["pull", "push", "push_sum", "swap"];
    public static readonly string[] Topologies = ["random", "matching", "ring", "exponential", "hypercube", "graph"];
    public static readonly string[] Transports = ["auto", "tcp", "shared_memory"];
    public static readonly string[] Codecs = ["float32", "bfloat16", "float16", "int8"];
    public static readonly string[] Bootstraps = ["none", "peer"];
    public static readonly string[] LateFetches = ["wait", "skip"];
    public static readonly string[] Excesses = ["clip", "reject"];

    // The deadline is ten time-outs by default, and .NET's timers end at 49 days.
    private const double LongestTimeout = 24 * 60 * 60 * 1000;
    private const double LongestDeadline = 10 * LongestTimeout;
    private const double LongestStaleness = 365 * LongestTimeout;

    public bool FetchProbability(Subject subject, double value) => Between(subject, value, 0, 1);

    public bool ConstantValue(Subject subject, double value) => Between(subject, value, 0, 1);

    public bool Timeout(Subject subject, double milliseconds) => Between(subject, milliseconds, 1, LongestTimeout, " ms");

    public bool ExchangeDeadline(Subject subject, double milliseconds) => Between(subject, milliseconds, 1, LongestDeadline, " ms");

    public bool MaxStaleness(Subject subject, double milliseconds) => Between(subject, milliseconds, 1, LongestStaleness, " ms");

    public bool MaxConnections(Subject subject, double value) => Between(subject, value, 1, int.MaxValue);

    public bool MaxServes(Subject subject, double value) => Between(subject, value, 1, int.MaxValue);

    public bool Bootstrap(Subject subject, string value) => Known(subject, value, Bootstraps);

    public bool LateFetch(Subject subject, string value) => Known(subject, value, LateFetches);

    public bool Excess(Subject subject, string value) => Known(subject, value, Excesses);

    public bool DeltaNorm(Subject subject, double value) =>
        (double.IsFinite(value) && value > 0) || Report(subject, $"must be a finite number above 0, but is {Words.Number(value)}");

    public bool QuarantineAfter(Subject subject, double value) => Between(subject, value, 1, int.MaxValue);

    public bool QuarantineFor(Subject subject, double milliseconds) => Between(subject, milliseconds, 1, LongestStaleness, " ms");

    public bool FilePath(Subject subject, string value) => value.Length > 0 || Report(subject, "must name a file, but is empty");

    public bool Variable(Subject subject, string value) =>
        (value.Length > 0 && !value.Contains('=', StringComparison.Ordinal) && !value.Contains('\0', StringComparison.Ordinal)) || Report(subject, $"must be the name of an environment variable, but is {Words.Quote(value)}");

    public bool Seed(Subject subject, double value) => Between(subject, value, int.MinValue, int.MaxValue);

    public bool Cluster(Subject subject, string value) => value.Length == 0 || new TextRules(errors).Name(subject, value);

    /// <summary>The deadline holds at least one operation.</summary>
    public bool DeadlineHolds(Subject subject, double milliseconds, double timeout) =>
        milliseconds >= timeout
        || Report(
            subject, $"must not be less than the time-out of one operation ({Words.Number(timeout)} ms), but is {Words.Number(milliseconds)} ms");

    public bool DivergenceThreshold(Subject subject, double value) =>
        (double.IsFinite(value) && value >= 0) || Report(subject, $"must be a finite number from 0, but is {Words.Number(value)}");

    public bool Interpolation(Subject subject, string value) =>
        Known(subject, value, [.. FactorMethods.BuiltIn, .. extensions.FactorMethods.Keys.Order(StringComparer.Ordinal)]);

    public bool Selector(Subject subject, string value) =>
        Known(subject, value, [.. PeerSelectors.BuiltIn, .. extensions.Selectors.Keys.Order(StringComparer.Ordinal)]);

    public bool Apply(Subject subject, string value) => Known(subject, value, ApplyForms);

    public bool Method(Subject subject, string value) => Known(subject, value, [.. GossipMethods.Names]);

    public bool Exchange(Subject subject, string value) => Known(subject, value, Exchanges);

    public bool Topology(Subject subject, string value) => Known(subject, value, Topologies);

    public bool ExchangeEvery(Subject subject, double value) => Between(subject, value, 1, int.MaxValue);

    public bool Subset(Subject subject, double value) => (value > 0 && value <= 1) || Report(subject, $"must be above 0 and up to 1, but is {Words.Number(value)}");

    public bool Alpha(Subject subject, double value) => (value >= 0 && value < 1) || Report(subject, $"must be from 0 and below 1, but is {Words.Number(value)}");

    public bool Beta(Subject subject, double value) =>
        (double.IsFinite(value) && value > 0) || Report(subject, $"must be a finite number above 0, but is {Words.Number(value)}");

    public bool Gamma(Subject subject, double value) =>
        (double.IsFinite(value) && value >= 0) || Report(subject, $"must be a finite number from 0, but is {Words.Number(value)}");

    public bool Transport(Subject subject, string value) => Known(subject, value, Transports);

    public bool Codec(Subject subject, string value) => Known(subject, value, Codecs);

    private bool Known(Subject subject, string value, string[] known) =>
        known.Contains(value) || Report(subject, $"is {Words.Quote(value)}, which is unknown{Words.Suggest(value, known)}");

    private bool Between(Subject subject, double value, double least, double most, string unit = "") =>
        // Written so that NaN is refused.
        (value >= least && value <= most)
        || Report(subject, $"must be from {Words.Number(least)} to {Words.Number(most)}{unit}, but is {Words.Number(value)}{unit}");

    private bool Report(Subject subject, string message)
    {
        errors.Add(subject.Place, $"{subject.Name} {message}");
        return false;
    }
}
