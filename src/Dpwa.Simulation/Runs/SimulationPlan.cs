using System.Diagnostics;

namespace Dpwa.Simulation.Runs;

/// <summary>One of the simulations to compare.</summary>
/// <param name="Method">What is compared: a gossip method, or <see cref="SimulationPlan.AllReduce"/>.</param>
/// <param name="Topology">Whom nodes exchange with, as a configuration says it; <c>all</c> for the baseline.</param>
/// <param name="Settings">The rest.</param>
/// <param name="Variant">The name of the variant; null where there are none.</param>
/// <param name="Name">What tells it from those it is compared with.</param>
public sealed record PlannedSimulation(string Method, string Topology, SimulationSettings Settings, string? Variant, string Name);

/// <summary>What one of them gave, and what it took.</summary>
/// <param name="Plan">Which.</param>
/// <param name="Result">What it gave.</param>
/// <param name="Seconds">How long it ran, in seconds of the real clock.</param>
/// <param name="PeakRssMb">The most memory that the process has had so far, in MB (10⁶ bytes).</param>
public sealed record SimulationReport(PlannedSimulation Plan, SimulationResult Result, double Seconds, double PeakRssMb);

/// <summary>Simulations from the words of a configuration.</summary>
public static class SimulationPlan
{
    /// <summary>The name of the baseline among the methods.</summary>
    public const string AllReduce = "all-reduce";

    /// <summary>The most nodes: their list must fit a configuration.</summary>
    public const int MostNodes = 20_000;

    /// <summary>Every variant of every method with every topology.</summary>
    /// <param name="nodes">The number of nodes, from 1 to <see cref="MostNodes"/>; they are named w1, w2, ….</param>
    /// <param name="methods">Names of gossip methods, or <see cref="AllReduce"/>; none: dpwa, or that of the variant.</param>
    /// <param name="topologies">Topologies; none: each method's own, or that of the variant.</param>
    /// <param name="keys">Further keys of the configuration, <c>key=value</c>, in YAML; a variant's count more. The baseline has none of them.</param>
    /// <param name="variants">Variants; none: only what the other words say.</param>
    /// <param name="settings">Everything else; the options in it are replaced.</param>
    /// <exception cref="DpwaConfigurationException">The words make no valid configuration; every error with the word it comes from.</exception>
    public static IReadOnlyList<PlannedSimulation> Of(
        int nodes, IReadOnlyList<string> methods, IReadOnlyList<string> topologies, IReadOnlyList<string> keys, IReadOnlyList<SimulationVariant> variants, SimulationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(methods);
        ArgumentNullException.ThrowIfNull(topologies);
        ArgumentNullException.ThrowIfNull(variants);
        var plans = new List<PlannedSimulation>();
        foreach (SimulationVariant? variant in variants.DefaultIfEmpty(null))
        {
            foreach (string? method in methods.DefaultIfEmpty(null))
            {
                // A barrier knows no partners: once is enough.
                foreach (string? topology in (method == AllReduce ? [] : topologies).DefaultIfEmpty(null))
                    plans.Add(Plan(variant, method, topology));
            }
        }

        return plans;

        PlannedSimulation Plan(SimulationVariant? variant, string? method, string? topology)
        {
            var words = new ConfigurationWords(nodes);
            if (method is not null)
                words.Add($"--method {method}", "method", method);
            if (topology is not null)
                words.Add($"--topology {topology}", "topology", topology);
            foreach (string key in keys)
                words.Add($"--set {key}", key);
            words.AddVariant(variant);

            // A barrier has nodes, and nothing of what gossip can be told.
            bool isBarrier = words.Has("method", AllReduce);
            DpwaOptions options = (isBarrier ? new ConfigurationWords(nodes) : words).Parse();
            SimulationSettings changed = (variant?.Change(settings) ?? settings) with { AllReduce = isBarrier, Options = options };
            string told = isBarrier ? AllReduce : options.Method;
            string whom = isBarrier ? "all" : options.Topology.ToString().ToLowerInvariant();
            string name = variant is null
                ? isBarrier ? told : $"{told}, {whom}"
                : string.Join(", ", [variant.Name, .. methods.Count > 1 ? [told] : Array.Empty<string>(), .. topologies.Count > 1 && !isBarrier ? [whom] : Array.Empty<string>()]);
            return new(told, whom, changed, variant?.Name, name);
        }
    }

    /// <summary>Checks all of them, and runs them, one after the other.</summary>
    /// <param name="plans">Which.</param>
    /// <param name="clock">The real clock.</param>
    /// <param name="begin">Called before each.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="SimulationException">The settings of one do not go together; none has run.</exception>
    /// <exception cref="SimulationDivergedException">The training of one ran away.</exception>
    public static IReadOnlyList<SimulationReport> Run(IReadOnlyList<PlannedSimulation> plans, TimeProvider clock, Action<PlannedSimulation>? begin = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(clock);
        foreach (PlannedSimulation plan in plans)
            Simulator.Check(plan.Settings);
        var reports = new List<SimulationReport>();
        foreach (PlannedSimulation plan in plans)
        {
            begin?.Invoke(plan);
            long start = clock.GetTimestamp();
            SimulationResult result = Simulator.Run(plan.Settings, ct);
            using var process = Process.GetCurrentProcess();
            reports.Add(new(plan, result, clock.GetElapsedTime(start).TotalSeconds, process.PeakWorkingSet64 / 1e6));
        }

        return reports;
    }
}
