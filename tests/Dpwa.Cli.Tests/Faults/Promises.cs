using System.Globalization;
using Dpwa.Cli.Tests.EndToEnd;

namespace Dpwa.Cli.Tests.Faults;

/// <summary>What every step of every worker must show, whatever happens to the others: see <c>Mixer</c> in Dpwa.TestWorker for its parameters.</summary>
internal static class Promises
{
    // A machine that is busy may hold a thread for as long; a step that nothing bounds would be held for minutes.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    // Ten times what rounding makes of it. Two workers' values, and a worker's in two steps, differ by far more.
    private const double Rounding = 1e-5;

    /// <summary>Parameters are whole and a convex mix of what the workers began with and train for, and no step was held beyond the deadline.</summary>
    /// <param name="cluster">Who has said it.</param>
    /// <param name="deadline">Of an exchange.</param>
    /// <param name="frozen">Who was stopped, and so cannot say how long it waited.</param>
    public static void AreKept(Cluster cluster, TimeSpan deadline, string? frozen = null)
    {
        foreach (var name in cluster.Names)
        {
            foreach (var line in cluster.Said(name).Where(line => line.StartsWith("step ", StringComparison.Ordinal)))
            {
                var (lowest, highest) = (After(line, "from"), After(line, "to"));
                Assert.True(highest - lowest <= Rounding * highest, $"{name} has torn parameters: {line}");
                Assert.True(lowest >= 1 - Rounding && highest <= cluster.Names.Count * (1 + Rounding), $"{name} has left the values that can be mixed: {line}");
                Assert.True(name == frozen || After(line, "held") <= (deadline + Slack).TotalMilliseconds, $"{name} was held for too long: {line}");
            }
        }
    }

    private static double After(string line, string word)
    {
        var words = line.Split(' ');
        return double.Parse(words[Array.IndexOf(words, word) + 1], CultureInfo.InvariantCulture);
    }
}
