using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Dpwa.Launch.Bench;
using Dpwa.Simulation.Network;
using Dpwa.Simulation.Runs;

namespace Dpwa.Cli.Commands.Simulate;

/// <summary>Options with a form of their own: several figures in one word.</summary>
internal static class SimulateOptions
{
    private const double MostMilliseconds = 86_400_000;

    public static Option<DelayDistribution?> Latency() => Of<DelayDistribution>("--latency", "MS", "How many milliseconds a message takes: 1, uniform:1:5, or lognormal:MEDIAN:SIGMA; 1 unless it is given.", "1, uniform:1:5 or lognormal:1:0.5", text => text.Split(':') switch
    {
        [var delay] when Number(delay, 0, MostMilliseconds) is { } ms => DelayDistribution.Constant(Ms(ms)),
        ["uniform", var least, var most] when Number(least, 0, MostMilliseconds) is { } a && Number(most, a, MostMilliseconds) is { } b => DelayDistribution.Uniform(Ms(a), Ms(b)),
        ["lognormal", var median, var sigma] when Number(median, 0, MostMilliseconds) is { } m && Number(sigma, 0, 2) is { } s => DelayDistribution.LogNormal(Ms(m), s),
        _ => null,
    });

    public static Option<RateDistribution?> Bandwidth() => Of<RateDistribution>("--bandwidth", "RATE", "What the link of each node carries in each direction: 1Gbit, or uniform:10Mbit:1Gbit or lognormal:MEDIAN:SIGMA, drawn once for each node; without limit unless it is given.", "1Gbit, uniform:10Mbit:1Gbit or lognormal:100Mbit:0.5", text => text.Split(':') switch
    {
        [var rate] when BytesASecond(rate) is { } r => RateDistribution.Constant(r),
        ["uniform", var least, var most] when BytesASecond(least) is { } a && BytesASecond(most) is { } b && a <= b => RateDistribution.Uniform(a, b),
        ["lognormal", var median, var sigma] when BytesASecond(median) is { } m && Number(sigma, 0, 2) is { } s => RateDistribution.LogNormal(m, s),
        _ => null,
    });

    public static Option<Stragglers?> Stragglers() => Of<Stragglers>("--stragglers", "KxF", "K nodes take F times as long for a step: 1x10.", "1x10, for one node that takes ten times as long", text => text.Split('x') switch
    {
        [var count, var slowdown] when Number(count, 0, SimulationPlan.MostNodes) is { } k && k % 1 == 0 && Number(slowdown, 1, 1e6) is { } f => new((int)k, f),
        _ => null,
    });

    public static Option<Churn?> Churn() => Of<Churn>("--churn", "RATE:ROUNDS", "In each round a node dies with this chance, and is back after so many rounds, with the model it had: 0.01:3.", "0.01 or 0.01:3, a chance and for how many rounds", text => text.Split(':') switch
    {
        [var rate] when Number(rate, 0, 1) is { } p => new(p),
        [var rate, var rounds] when Number(rate, 0, 1) is { } p && Number(rounds, 1, 1e6) is { } r && r % 1 == 0 => new(p, (int)r),
        _ => null,
    });

    /// <summary>Nodes from 1, as they are named; times in rounds.</summary>
    public static Option<NetworkPartition[]?> Partitions() => OfAll("--partition", "A-B@R-S", "Nodes A to B (from 1) and the others do not hear each other from round R to round S: 1-256@10-20. As often as there are partitions.", "1-256@10-20, nodes and rounds", text =>
    {
        var parts = text.Split('-', '@');
        double?[] figures = [.. parts.Select(part => Number(part, 0, 1e6))];
        return text.Count('@') == 1 && text.IndexOf('@') > text.IndexOf('-') && figures is [{ } first, { } last, { } from, { } to] && first % 1 == 0 && last % 1 == 0
            ? new NetworkPartition((int)first - 1, (int)last - 1, TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to))
            : null;
    });

    private static Option<T?> Of<T>(string name, string helpName, string what, string form, Func<string, T?> parse)
        where T : class => new(name)
        {
            Description = what,
            HelpName = helpName,
            CustomParser = result => Parse(result, result.Tokens[0], name, form, parse),
        };

    private static Option<T[]?> OfAll<T>(string name, string helpName, string what, string form, Func<string, T?> parse)
        where T : class => new(name)
        {
            Description = what,
            HelpName = helpName,
            CustomParser = result => [.. result.Tokens.Select(token => Parse(result, token, name, form, parse)).OfType<T>()],
        };

    private static T? Parse<T>(ArgumentResult result, Token token, string name, string form, Func<string, T?> parse)
        where T : class
    {
        if (parse(token.Value) is { } value) return value;
        result.AddError($"{name}: '{token.Value}' is not of the form {form}.");
        return null;
    }

    private static double? Number(string text, double least, double most) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : null;

    private static double? BytesASecond(string text) => Quantity.TryParseBits(text, out var bits) ? bits / 8 : null;

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
