using System.Diagnostics;
using System.Text;

namespace Dpwa.Simulation.Runs;

/// <summary>One of the simulations to compare.</summary>
/// <param name="Method">What is compared: a gossip method, or <see cref="SimulationPlan.AllReduce"/>.</param>
/// <param name="Topology">Whom nodes exchange with, as a configuration says it; <c>all</c> for the baseline.</param>
/// <param name="Settings">The rest.</param>
public sealed record PlannedSimulation(string Method, string Topology, SimulationSettings Settings);

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

    /// <summary>Every method with every topology.</summary>
    /// <param name="nodes">The number of nodes, from 1 to <see cref="MostNodes"/>; they are named w1, w2, ….</param>
    /// <param name="methods">Names of gossip methods, or <see cref="AllReduce"/>; none: dpwa.</param>
    /// <param name="topologies">Topologies; none: each method's own.</param>
    /// <param name="keys">Further keys of the configuration, <c>key=value</c>, in YAML.</param>
    /// <param name="settings">Everything else; the options in it are replaced.</param>
    /// <exception cref="DpwaConfigurationException">The words make no valid configuration; every error with the word it comes from.</exception>
    public static IReadOnlyList<PlannedSimulation> Of(int nodes, IReadOnlyList<string> methods, IReadOnlyList<string> topologies, IReadOnlyList<string> keys, SimulationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(methods);
        ArgumentNullException.ThrowIfNull(topologies);
        var plans = new List<PlannedSimulation>();
        foreach (string method in methods.DefaultIfEmpty("dpwa"))
        {
            if (method == AllReduce)
            {
                plans.Add(new(method, "all", settings with { AllReduce = true, Options = Options(nodes, null, null, keys) }));
                continue;
            }

            foreach (string? topology in topologies.DefaultIfEmpty(null))
            {
                DpwaOptions options = Options(nodes, method, topology, keys);
                plans.Add(new(method, options.Topology.ToString().ToLowerInvariant(), settings with { AllReduce = false, Options = options }));
            }
        }

        return plans;
    }

    /// <summary>Runs them, one after the other.</summary>
    /// <param name="plans">Which.</param>
    /// <param name="clock">The real clock.</param>
    /// <param name="begin">Called before each.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="SimulationException">The settings do not go together.</exception>
    public static IReadOnlyList<SimulationReport> Run(IReadOnlyList<PlannedSimulation> plans, TimeProvider clock, Action<PlannedSimulation>? begin = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(clock);
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

    /// <summary>Through the reader of configurations, so that every key means what it means there, and errors read the same.</summary>
    private static DpwaOptions Options(int nodes, string? method, string? topology, IReadOnlyList<string> keys)
    {
        var yaml = new StringBuilder();
        var words = new List<string>();
        if (method is not null)
            Add($"--method {method}", $"method: {method}");
        if (topology is not null)
            Add($"--topology {topology}", $"topology: {topology}");
        foreach (string key in keys)
        {
            int equals = key.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || key.AsSpan().ContainsAny('\n', '\r'))
                throw new DpwaConfigurationException([new($"--set {key}", 0, 0, "it must be a key of the configuration and its value, such as fetch_probability=0.5")]);
            Add($"--set {key}", $"{key[..equals]}: {key[(equals + 1)..]}");
        }

        yaml.Append("nodes: [");
        for (int node = 1; node <= nodes; node++)
            yaml.Append("{name: w").Append(node).Append(", host: v, port: ").Append(node).Append("},");
        yaml.Append("]\n");
        try
        {
            return DpwaOptions.Parse(yaml.ToString());
        }
        catch (DpwaConfigurationException e)
        {
            throw new DpwaConfigurationException([.. e.Errors.Select(error => new ConfigurationError(error.Line > 0 && error.Line <= words.Count ? words[error.Line - 1] : null, 0, 0, error.Message))]);
        }

        void Add(string word, string line)
        {
            words.Add(word);
            yaml.Append(line).Append('\n');
        }
    }
}
