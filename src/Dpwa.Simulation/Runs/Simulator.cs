using System.Globalization;
using Dpwa.Data;
using Dpwa.Simulation.Problems;

namespace Dpwa.Simulation.Runs;

/// <summary>Runs simulations, in the caller's thread. What they give depends on the settings alone.</summary>
public static class Simulator
{
    // A node's model, two snapshots of it, and what it receives.
    private const int CopiesOfModel = 4;

    /// <summary>Runs every repetition.</summary>
    /// <exception cref="SimulationException">The settings do not go together.</exception>
    /// <exception cref="DpwaConfigurationException">The options are not valid.</exception>
    /// <exception cref="SimulationDivergedException">The training ran away.</exception>
    public static SimulationResult Run(SimulationSettings settings, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Repeat, 1, nameof(settings));
        return new([.. Enumerable.Range(0, settings.Repeat).Select(repetition => RunOnce(settings, repetition, ct))]);
    }

    /// <summary>Runs one repetition.</summary>
    /// <exception cref="SimulationException">The settings do not go together.</exception>
    /// <exception cref="DpwaConfigurationException">The options are not valid.</exception>
    /// <exception cref="SimulationDivergedException">The training ran away.</exception>
    public static SimulationRun RunOnce(SimulationSettings settings, int repetition = 0, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Check(settings);
        int seed = (int)(KeyedPermutation.Key(settings.Seed, repetition) >> 33);
        return settings.AllReduce ? new AllReduceRun(settings, seed).Run(ct) : new GossipRun(settings, seed).Run(ct);
    }

    /// <summary>Checks what can be checked before anything runs.</summary>
    /// <exception cref="SimulationException">The settings do not go together.</exception>
    /// <exception cref="DpwaConfigurationException">The options are not valid.</exception>
    internal static void Check(SimulationSettings settings)
    {
        settings.Options.Validate();
        int nodes = settings.Options.Nodes.Count;
        if (settings.Rounds < 1 || settings.StepTime <= TimeSpan.Zero)
            throw new SimulationException("there is nothing to simulate: rounds and the time of a step must be more than 0");
        CheckMemory(nodes, settings.Problem);
        settings.Problem.Check(nodes);
        if (settings.Stragglers is { } slow && !(slow.Count >= 0 && slow.Count <= nodes && slow.Slowdown is >= 1 and <= 1e6))
            throw new SimulationException($"{slow.Count} stragglers, {slow.Slowdown} times slower, do not fit {nodes} nodes: at most all of them, from 1 to a million times");
        if (settings.Churn is { } churn && !(churn.Rate is >= 0 and <= 1 && churn.DownRounds >= 1))
            throw new SimulationException("churn needs a rate from 0 to 1, and at least one round to be down");
        if (settings.Network.Partitions.FirstOrDefault(p => p.First < 0 || p.Last < p.First || p.Last >= nodes || p.To <= p.From) is { } wrong)
            throw new SimulationException($"no partition can cut off nodes {wrong.First + 1} to {wrong.Last + 1} of {nodes} (the first is 1) from {wrong.From.TotalSeconds} s to {wrong.To.TotalSeconds} s");
        if (settings.Pace == Pace.OnePair && (settings.Options.Topology != Topology.Random || settings.Options.Selector != "random"))
            throw new SimulationException("one pair a round is drawn at random: that needs topology random and no selector");
    }

    private static void CheckMemory(int nodes, ProblemSettings problem)
    {
        long parameters = problem.ParameterCount;
        long data = problem.SyntheticCount(nodes);
        long bytes = checked((nodes * parameters * CopiesOfModel + data) * sizeof(float));
        long there = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes <= there && nodes * parameters <= Array.MaxLength && data <= Array.MaxLength)
            return;
        string samples = data > 0 ? $", and {data} numbers of synthetic samples," : "";
        throw new SimulationException(string.Create(
            CultureInfo.InvariantCulture,
            $"{nodes} nodes with {parameters} parameters each{samples} need {bytes / 1e9:0.#} GB of memory, of which this machine has {there / 1e9:0.#}; and at most {Array.MaxLength} parameters, or numbers of samples, in all"));
    }
}
