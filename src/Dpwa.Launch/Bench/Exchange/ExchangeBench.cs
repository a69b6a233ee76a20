using System.Net;
using Dpwa.Launch.Bench.Link;
using Dpwa.Launch.Bench.Memory;
using Dpwa.Launch.Configuration;
using Dpwa.Launch.Cpus;
using Dpwa.Launch.Hosts;
using Dpwa.Launch.Processes;
using Dpwa.Launch.Runs;
using Dpwa.Launch.Workers;
using Dpwa.Transport.Tcp;

namespace Dpwa.Launch.Bench.Exchange;

/// <summary>Measures exchanges between processes: starts a worker for each node of this machine, lets them exchange and measure, and sums up.</summary>
public static class ExchangeBench
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Does it.</summary>
    /// <param name="request">What to measure.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="ct">Stops the workers.</param>
    /// <exception cref="LaunchException">It cannot be done; nothing was started.</exception>
    /// <exception cref="DpwaConfigurationException">The configuration is wrong.</exception>
    /// <exception cref="BenchException">A worker ended before it had measured.</exception>
    public static async Task<ExchangeReport> RunAsync(ExchangeRequest request, Action<string> progress, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        // The configuration that we write ourselves is for people: what it says of averaging is not what the library does when nothing is said.
        var settings = request.Config is null ? request.Settings with { Apply = request.Settings.Apply ?? ApplyForm.Parameters } : request.Settings;
        _ = ModelShape.ResNetLike(settings.Bytes, settings.Tensors);
        var folder = Directory.CreateTempSubdirectory("dpwa-bench-");
        try
        {
            using var directory = RunDirectory.Claim(folder.FullName, Grace);
            var config = Path.GetFullPath(request.Config ?? directory.TemporaryConfig);
            if (request.Config is null) new ConfigurationTemplate(request.Workers, ConfigurationTemplate.DefaultHost, FreePorts.FindRange(IPAddress.Loopback, request.Workers, new Random())).Write(config, overwrite: true);
            var options = settings.PutInto(DpwaOptions.Load(config));
            if (options.Nodes.Count < 2) throw new LaunchException($"{config} has one node: an exchange takes two.");
            var relays = new Relays(options.Nodes, settings.BitsPerSecond);
            await using var _ = relays.ConfigureAwait(false);
            var job = new ExchangeJob(settings, config, folder.FullName, relays.Ports).ToString();
            var plan = await PlanAsync(request, config, job, directory, ct).ConfigureAwait(false);
            await new ExchangeGroup([.. plan.Workers.Select(CompilingSoon)], directory.Record.RunId, Grace, progress).RunAsync(ct).ConfigureAwait(false);
            return Report(request with { Settings = settings }, options, plan.Workers, folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<RunPlan> PlanAsync(ExchangeRequest request, string config, string job, RunDirectory directory, CancellationToken ct)
    {
        var run = new RunRequest
        {
            Command = [.. SelfCommand.With(request.WorkerArguments.Select(argument => argument.Replace("{job}", job, StringComparison.Ordinal)))],
            Config = config,
            Names = request.Names,
            Pin = request.Pin,
        };
        return RunPlan.MakeAsync(run, directory, new SystemHostLookup(), new(new TcpTransport()), new Random(), ct);
    }

    // A process with one CPU is given its fast code only after several seconds in which nothing new was run. Training lasts longer, a measurement should not.
    private static WorkerSpec CompilingSoon(WorkerSpec worker) =>
        worker with { Environment = new Dictionary<string, string?>(worker.Environment, StringComparer.Ordinal) { ["DOTNET_TC_CallCountingDelayMs"] = "0" } };

    private static ExchangeReport Report(ExchangeRequest request, DpwaOptions options, IReadOnlyList<WorkerSpec> workers, string folder)
    {
        string[] names = [.. workers.Select(worker => worker.Name)];
        var all = names.Select(name => WorkerMeasures.Read(WorkerMeasures.FileOf(folder, options.Nodes.TakeWhile(node => node.Name != name).Count())) ?? throw new BenchException($"{name} has left no results."));
        return ReportOf.Workers(request.Settings, options, names, request.Pin && Affinity.IsSupported, [.. all]);
    }
}
