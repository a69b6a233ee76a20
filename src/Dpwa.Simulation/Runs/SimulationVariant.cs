using System.Globalization;
using Dpwa.Simulation.Problems;

namespace Dpwa.Simulation.Runs;

/// <summary>Settings to compare with others, under a name of their own.</summary>
/// <param name="Name">How reports call them.</param>
/// <param name="Keys">Keys of the configuration, <c>key=value</c>, in YAML.</param>
public sealed record SimulationVariant(string Name, IReadOnlyList<string> Keys)
{
    // What a comparison may need and no configuration has, by the names of the options.
    private const string LearningRateKey = "lr", FailureRateKey = "failure-rate";

    /// <summary>The learning rate; null: that of the others, <see cref="ProblemSettings.LearningRate"/>.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The chance that a pair of nodes cannot reach each other in a round; null: that of the others.</summary>
    public double? FailureRate { get; init; }

    /// <summary>Reads <c>NAME: key=value; key=value</c>. Beside the keys of the configuration there are <c>lr</c> and <c>failure-rate</c>.</summary>
    /// <exception cref="DpwaConfigurationException">It is not of this form, or one of the two is no rate.</exception>
    public static SimulationVariant Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? "" : text[..colon].Trim();
        if (name.Length == 0)
            throw Wrong(text, "it must be a name and what is set under it, such as 'half: constant={value: 0.25}; apply=delta'");
        var variant = new SimulationVariant(name, []);
        foreach (string pair in text[(colon + 1)..].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            variant = pair.Split('=', 2, StringSplitOptions.TrimEntries) switch
            {
                [LearningRateKey, var value] => variant with { LearningRate = Rate(text, LearningRateKey, value, 1e6) },
                [FailureRateKey, var value] => variant with { FailureRate = Rate(text, FailureRateKey, value, 1) },
                _ => variant with { Keys = [.. variant.Keys, pair] },
            };
        }

        return variant;
    }

    internal SimulationSettings Change(SimulationSettings settings) => settings with
    {
        Problem = LearningRate is { } learning ? settings.Problem with { LearningRate = learning } : settings.Problem,
        Network = FailureRate is { } failure ? settings.Network with { FailureRate = failure } : settings.Network,
    };

    private static double Rate(string text, string key, string value, double most) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double rate) && rate <= most
            ? rate
            : throw Wrong(text, $"{key} is '{value}', and must be a number from 0 to {most.ToString(CultureInfo.InvariantCulture)}");

    private static DpwaConfigurationException Wrong(string text, string what) => new([new($"--variant '{text}'", 0, 0, what)]);
}
