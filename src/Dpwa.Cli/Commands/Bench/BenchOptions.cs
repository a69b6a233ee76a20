using System.CommandLine;
using Dpwa.Launch.Bench;

namespace Dpwa.Cli.Commands.Bench;

/// <summary>Options of measurements.</summary>
internal static class BenchOptions
{
    public static Option<long?> Size(string what, long usual) => new("--size")
    {
        Description = $"{what}, such as 45MB (10⁶) or 64MiB (2²⁰); {Quantity.ShowBytes(usual)} unless it is given.",
        HelpName = "SIZE",
        CustomParser = result =>
        {
            if (Quantity.TryParseBytes(result.Tokens[0].Value, out var bytes)) return bytes;
            result.AddError($"--size: '{result.Tokens[0].Value}' is not a size such as 45MB, 1GB, 64MiB or 4096.");
            return null;
        },
    };

    public static Option<double?> Rate() => new("--rate")
    {
        Description = "Limits the link of every worker in each direction, as a slow network would.",
        HelpName = "RATE",
        CustomParser = result =>
        {
            if (Quantity.TryParseBits(result.Tokens[0].Value, out var rate)) return rate;
            result.AddError($"--rate: '{result.Tokens[0].Value}' is not a rate such as 1Gbit or 100Mbit.");
            return null;
        },
    };

    /// <summary>One of the words of a choice; null when it is not given.</summary>
    public static Option<string?> Choice<T>(string name, string what)
        where T : struct, Enum => new Option<string?>(name) { Description = what }.AcceptOnlyFromAmong([.. Words.All<T>()]);
}
