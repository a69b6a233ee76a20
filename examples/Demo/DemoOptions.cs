using System.Globalization;

namespace Dpwa.Examples.Demo;

/// <summary>What the demo was asked to do.</summary>
internal sealed record DemoOptions
{
    public const string Help =
        """
        Trains one LeNet with four workers by pair-wise averaging, then each worker alone, and compares.

          --steps N   batches a worker trains in each of the two runs (800)
          --json      print the result as one JSON object, nothing else on standard output
          --help      this text
        """;

    public int Steps { get; init; } = 800;

    public bool Json { get; init; }

    public bool ShowHelp { get; init; }

    /// <summary>In a worker's process, its name.</summary>
    public string? Worker { get; init; }

    /// <summary>In a worker's process, the configuration; none when it trains alone.</summary>
    public string? Config { get; init; }

    public static DemoOptions Parse(string[] args)
    {
        var options = new DemoOptions();
        for (int i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--json" => options with { Json = true },
                "--help" or "-h" or "-?" => options with { ShowHelp = true },
                "--steps" when int.TryParse(Value(ref i), CultureInfo.InvariantCulture, out int steps) && steps > 0 => options with { Steps = steps },
                "--steps" => throw new ArgumentException($"--steps takes a number of batches above 0, not '{args[i]}'."),
                "--worker" => options with { Worker = Value(ref i) },
                "--config" => options with { Config = Value(ref i) },
                string other => throw new ArgumentException($"The demo does not know '{other}'.{Environment.NewLine}{Environment.NewLine}{Help}"),
            };
        }

        return options;

        string Value(ref int i) => ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value.");
    }
}
