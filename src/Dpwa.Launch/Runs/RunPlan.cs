using System.Globalization;
using System.Net;
using Dpwa.Launch.Configuration;
using Dpwa.Launch.Cpus;
using Dpwa.Launch.Hosts;
using Dpwa.Launch.Processes;
using Dpwa.Launch.Workers;

namespace Dpwa.Launch.Runs;

/// <summary>Everything that was decided before a run starts.</summary>
/// <param name="Config">The full path of the configuration.</param>
/// <param name="Workers">The workers to start, in the order of the configuration.</param>
/// <param name="Notes">What the user should know, one sentence each.</param>
public sealed record RunPlan(string Config, IReadOnlyList<WorkerSpec> Workers, IReadOnlyList<string> Notes)
{
    /// <summary>The configuration that is looked for when none is named.</summary>
    public const string DefaultConfig = "dpwa.yaml";

    /// <summary>Reads the configuration, finds the nodes of this machine, and checks that each can listen and that the program is there.</summary>
    /// <exception cref="LaunchException">It cannot be done.</exception>
    /// <exception cref="DpwaConfigurationException">The configuration is wrong.</exception>
    public static async Task<RunPlan> MakeAsync(RunRequest request, RunDirectory directory, IHostLookup hosts, PortCheck ports, Random random, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(hosts);
        ArgumentNullException.ThrowIfNull(ports);
        ArgumentNullException.ThrowIfNull(random);
        if (request.Command.Count == 0) throw new LaunchException("There is no command to run.");
        var program = CommandPath.Find(request.Command[0]) ?? throw new LaunchException($"Cannot find the program '{request.Command[0]}': is it installed and on the PATH?");

        var notes = new List<string>();
        var config = FindConfig(request, directory, random, notes);
        var options = DpwaOptions.Load(config, request.Extensions);
        var chosen = await ChooseAsync(request, config, options, hosts, notes, ct).ConfigureAwait(false);
        var problems = ports.FindProblems(chosen);
        if (problems.Count > 0) throw new LaunchException(problems);

        var full = Path.GetFullPath(config);
        var cpus = Affinity.Own().ShareOut(chosen.Count);
        var logs = directory.WorkerLogs([.. options.Nodes.Select(node => node.Name)]);
        var workers = chosen.Select((node, place) => Worker(node, program, full, options.Nodes, cpus[place]));
        return new(full, [.. workers], notes);

        WorkerSpec Worker(DpwaNode node, string program, string config, IReadOnlyList<DpwaNode> all, CpuSet cpus)
        {
            var place = all.TakeWhile(other => other.Name != node.Name).Count();
            var index = place.ToString(CultureInfo.InvariantCulture);
            var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["DPWA_NAME"] = node.Name,
                ["DPWA_CONFIG"] = config,
                ["DPWA_WORKER_INDEX"] = index,
                ["DPWA_WORKER_COUNT"] = all.Count.ToString(CultureInfo.InvariantCulture),
            };
            // More threads than CPUs make every tensor operation slower. libtorch, OpenMP and MKL all read this one.
            if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null) environment["OMP_NUM_THREADS"] = Affinity.Threads(cpus, chosen.Count).ToString(CultureInfo.InvariantCulture);
            if (request.JsonLogs) environment["DPWA_LOG_FORMAT"] = "json";
            return new()
            {
                Name = node.Name,
                FileName = program,
                Arguments = [.. request.Command.Skip(1).Select(Fill)],
                Environment = environment,
                Cpus = request.Pin && Affinity.IsSupported ? cpus : null,
                LogFile = logs[place],
            };

            string Fill(string argument) => argument
                .Replace("{name}", node.Name, StringComparison.Ordinal)
                .Replace("{config}", config, StringComparison.Ordinal)
                .Replace("{index}", index, StringComparison.Ordinal);
        }
    }

    private static string FindConfig(RunRequest request, RunDirectory directory, Random random, List<string> notes)
    {
        if (request.Config is not null) return request.Config;
        if (File.Exists(DefaultConfig)) return DefaultConfig;
        if (request.Workers is not { } count)
            throw new LaunchException($"There is no {DefaultConfig} here: write one with 'dpwa init', name one with --config, or say how many workers to run here with --workers.");

        var first = FreePorts.FindRange(IPAddress.Loopback, count, random);
        var path = directory.TemporaryConfig;
        new ConfigurationTemplate(count, ConfigurationTemplate.DefaultHost, first).Write(path, overwrite: true);
        notes.Add($"There is no {DefaultConfig} here: made {path} with {count} worker{(count == 1 ? "" : "s")} on free ports of this machine, from {first} on.");
        return path;
    }

    private static async Task<IReadOnlyList<DpwaNode>> ChooseAsync(RunRequest request, string config, DpwaOptions options, IHostLookup hosts, List<string> notes, CancellationToken ct)
    {
        if (request.Names.Count > 0)
        {
            var named = request.Names.Select(options.Node).ToHashSet();
            return [.. options.Nodes.Where(named.Contains)];
        }

        var isLocal = await Task.WhenAll(options.Nodes.Select(async node => (await hosts.ResolveAsync(node.Host, ct).ConfigureAwait(false)).Any(hosts.IsOwn))).ConfigureAwait(false);
        var local = options.Nodes.Where((_, i) => isLocal[i]).ToArray();
        if (local.Length == 0) throw new LaunchException($"{config}: no node's host is this machine; name the nodes to start here with --names.");
        if (local.Length < options.Nodes.Count)
        {
            var others = options.Nodes.Except(local).Select(node => node.Name).ToArray();
            notes.Add($"{others.Length} of {options.Nodes.Count} nodes are on other machines and are not started here: {string.Join(", ", others.Take(10))}{(others.Length > 10 ? ", …" : "")}.");
        }

        var count = request.Workers ?? local.Length;
        return count <= local.Length
            ? local[..count]
            : throw new LaunchException($"{config} has {local.Length} node{(local.Length == 1 ? "" : "s")} on this machine and {count} workers are asked for: add nodes, or leave --workers out.");
    }
}
