using Dpwa.Protocol;

namespace Dpwa.Configuration;

/// <summary>Reads the keys of a configuration into options.</summary>
internal sealed class OptionsReader
{
    private const string Milliseconds = "a number of milliseconds";

    private static readonly DpwaOptions Defaults = new();
    private static readonly string[] Keys =
    [
        "nodes", "fetch_probability", "timeout_ms", "exchange_deadline_ms", "interpolation", "divergence_threshold",
        "constant", "clock", "loss", "apply", "selector", "transport", "codec", "max_staleness", "cluster", "max_connections", "seed",
    ];

    private readonly ErrorList errors;
    private readonly OptionsRules rules;
    private readonly Place document;
    private readonly Fields fields;

    public OptionsReader(YamlValue document, DpwaExtensions extensions, ErrorList errors)
    {
        this.errors = errors;
        this.document = document.Place;
        rules = new(errors, extensions);
        fields = new(TopLevel.Entries(document, errors), Keys, "", errors);
    }

    /// <summary>The options; of use only when no error was found.</summary>
    public DpwaOptions Read()
    {
        NoSettings("clock");
        NoSettings("loss");
        string? interpolation = fields.Text("interpolation", "the name of a method", rules.Interpolation);
        TimeSpan? timeout = Time(fields.Number("timeout_ms", Milliseconds, rules.Timeout));
        return new()
        {
            Nodes = new NodesReader(errors).Read(fields, document),
            FetchProbability = fields.Number("fetch_probability", "a number from 0 to 1", rules.FetchProbability) ?? Defaults.FetchProbability,
            Timeout = timeout ?? Defaults.Timeout,
            ExchangeDeadline = Time(fields.Number("exchange_deadline_ms", Milliseconds, Deadline)),
            Interpolation = interpolation ?? Defaults.Interpolation,
            ConstantValue = ConstantValue(interpolation ?? Defaults.Interpolation) ?? Defaults.ConstantValue,
            DivergenceThreshold = fields.Number("divergence_threshold", "a number from 0", rules.DivergenceThreshold)
                ?? Defaults.DivergenceThreshold,
            Apply = (ApplyForm)Choice("apply", OptionsRules.ApplyForms, rules.Apply),
            Transport = (TransportChoice)Choice("transport", OptionsRules.Transports, rules.Transport),
            Codec = (PayloadCodec)Choice("codec", OptionsRules.Codecs, rules.Codec),
            Selector = fields.Text("selector", "the name of a selector", rules.Selector) ?? Defaults.Selector,
            MaxStaleness = Time(MaxStaleness()),
            Cluster = fields.Text("cluster", "a text", rules.Cluster, orNumber: true) ?? "",
            MaxConnections = fields.Whole("max_connections", "a whole number from 1", rules.MaxConnections) ?? Defaults.MaxConnections,
            Seed = fields.Whole("seed", "a whole number", rules.Seed),
        };

        // A time-out that was given and refused is no measure for the deadline.
        bool Deadline(Subject subject, double value) =>
            rules.ExchangeDeadline(subject, value)
            && ((timeout is null && fields.Has("timeout_ms"))
                || rules.DeadlineHolds(subject, value, (timeout ?? Defaults.Timeout).TotalMilliseconds));
    }

    /// <summary>One of several words, by its index; the first when the key is absent or wrong.</summary>
    private int Choice(string key, string[] words, Func<Subject, string, bool> rule) =>
        Math.Max(0, Array.IndexOf(words, fields.Text(key, string.Join(", ", words[..^1]) + " or " + words[^1], rule)));

    /// <summary><c>constant: {value: 0.5}</c></summary>
    private double? ConstantValue(string interpolation)
    {
        switch (fields.Entry("constant"))
        {
            case null or { Value: YamlScalar { IsNothing: true } }:
                return null;
            case { Value: YamlMap map }:
                return new Fields(map.Entries, ["value"], "constant.", errors).Number("value", "a number from 0 to 1", rules.ConstantValue);
            case { Value: YamlScalar { IsPlain: true, Text: "0" } } when interpolation != "constant":
                // The original's "no settings", as its sample writes for clock and loss. With the constant method it would look like a factor.
                return null;
            case { } entry:
                return fields.Wrong<double>("constant", entry, "a map such as {value: 0.5}");
        }
    }

    /// <summary><c>clock</c> and <c>loss</c> have nothing to set: nothing, an empty map, and the 0 of the original's sample.</summary>
    private void NoSettings(string key)
    {
        switch (fields.Entry(key))
        {
            case null or { Value: YamlScalar { IsNothing: true } or YamlScalar { IsPlain: true, Text: "0" } }:
                break;
            case { Value: YamlMap map }:
                _ = new Fields(map.Entries, [], key + ".", errors);
                break;
            case { } entry:
                fields.Wrong<int>(key, entry, "empty or {}: it has no settings");
                break;
        }
    }

    /// <summary>Milliseconds, a text with a unit, or <c>off</c>.</summary>
    private double? MaxStaleness()
    {
        const string key = "max_staleness";
        const string expected = "a number of milliseconds, a time such as 500ms, 30s or 2m, or off";
        if (fields.Entry(key) is not { Value: YamlScalar { IsNothing: false } scalar } entry
            || (scalar.IsPlain && YamlNumber.TryParse(scalar.Text, out _, out _)))
        {
            return fields.Number(key, expected, rules.MaxStaleness);
        }

        if (scalar.Text is "off" or "Off" or "OFF")
            return null;
        if (!Durations.TryParse(scalar.Text, out double milliseconds))
            return fields.Wrong<double>(key, entry, expected);
        return rules.MaxStaleness(fields.Subject(key, scalar), milliseconds) ? milliseconds : null;
    }

    private static TimeSpan? Time(double? milliseconds) => milliseconds is { } value ? TimeSpan.FromMilliseconds(value) : null;
}
