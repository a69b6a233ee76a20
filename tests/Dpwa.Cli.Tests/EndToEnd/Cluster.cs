using System.Net;
using Dpwa.Cli.Tests.Faults;
using Dpwa.Cli.Tests.Support;
using Dpwa.Launch.Hosts;
using Dpwa.Launch.Workers;

namespace Dpwa.Cli.Tests.EndToEnd;

/// <summary>A cluster of real processes, w1 … wN, on this machine, and what they say.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    /// <summary>For tests in which no time-out is due: a busy machine then makes none either.</summary>
    public const int NoTimeout = 60_000;

    /// <summary>What they run.</summary>
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Dpwa.TestWorker.dll");

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Lines<string>> _said = [];
    private readonly Lines<LaunchEvent> _happened = new();
    private readonly List<WorkerGroup> _groups = [];
    private readonly string _config;
    private readonly int _port;
    private readonly Machines? _machines;
    private readonly string[] _arguments;

    /// <param name="nodes">How many.</param>
    /// <param name="timeoutMilliseconds">The configuration's <c>timeout_ms</c>.</param>
    /// <param name="settings">What else is in the configuration.</param>
    /// <param name="machines">Where each has a machine of its own; null: they share this one.</param>
    /// <param name="arguments">The program's, which choose its form.</param>
    public Cluster(int nodes, int timeoutMilliseconds = NoTimeout, string settings = "apply: delta", Machines? machines = null, string[]? arguments = null)
    {
        (_machines, _arguments) = (machines, arguments ?? []);
        _port = FreePorts.FindRange(IPAddress.Loopback, nodes, new Random());
        Names = [.. Enumerable.Range(1, nodes).Select(n => $"w{n}")];
        foreach (var name in Names) _said[name] = new();
        var lines = Names.Select(name => $"  - {{name: {name}, host: {(machines is null ? "127.0.0.1" : Machines.AddressOf(name))}, port: {PortOf(name)}}}\n");
        _config = _folder.Write("dpwa.yaml", $"nodes:\n{string.Concat(lines)}timeout_ms: {timeoutMilliseconds}\n{settings}\n");
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Starts these workers as one run does, all if none is named.</summary>
    public async Task<WorkerGroup> StartAsync(RestartPolicy? restart = null, params string[] names)
    {
        var group = new WorkerGroup([.. (names.Length > 0 ? names : Names).Select(Spec)], new() { OnEvent = Happened, Restart = restart ?? RestartPolicy.Never });
        _groups.Add(group);
        await group.StartAsync();
        return group;
    }

    /// <summary>How often a worker was started.</summary>
    public int Starts(string name) => _happened.All.OfType<WorkerStarted>().Count(start => start.Worker == name);

    /// <summary>How many lines of all workers tell of a peer that did not answer in time.</summary>
    public int TimeOuts => Names.Sum(TimeOutsOf);

    /// <summary>How many lines of this worker do.</summary>
    public int TimeOutsOf(string name) => _said[name].All.Count(line => line.Contains("TimedOut"));

    /// <summary>Starts all workers, until each has averaged with each.</summary>
    public async Task MeetAsync()
    {
        await StartAsync();
        await AverageAsync([.. Names]);
    }

    /// <summary>Signals a worker's present process.</summary>
    public Task SignalAsync(string name, string signal) => Signals.SendAsync(signal, ProcessOf(name));

    /// <summary>A worker's present, or last, process.</summary>
    public int ProcessOf(string name) => _happened.All.OfType<WorkerStarted>().Last(start => start.Worker == name).ProcessId;

    public int PortOf(string name) => _port + Names.ToList().IndexOf(name);

    /// <summary>All that a worker has said.</summary>
    public IReadOnlyList<string> Said(string name) => _said[name].All;

    /// <summary>Until a worker's process has ended, the first that it had or a later one; gives its exit code.</summary>
    public async Task<int> ExitAsync(string name, int life = 1)
    {
        var ended = 0;
        return ((WorkerExited)await _happened.FirstAsync(what => what is WorkerExited exited && exited.Worker == name && ++ended == life)).ExitCode;
    }

    /// <summary>A worker's lines, from what it says next on.</summary>
    public Listener Listen(string name) => new(_said[name]);

    /// <summary>Until each of them has averaged with each other one, in what they say from now on.</summary>
    public Task AverageAsync(params string[] names) => Task.WhenAll(names.SelectMany(name => names.Where(other => other != name).Select(other => Listen(name).AveragedWithAsync(other))));

    public async ValueTask DisposeAsync()
    {
        foreach (var group in _groups) await group.DisposeAsync();
        // What is worth knowing of a test that hung: what each worker said last.
        if (TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            foreach (var (name, said) in _said)
                TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {string.Join($"\n{name}: ", said.All.TakeLast(30))}");
        }

        _folder.Dispose();
    }

    private WorkerSpec Spec(string name) => new()
    {
        Name = name,
        FileName = _machines is null ? "dotnet" : "ip",
        Arguments = [.. _machines is null ? [] : new[] { "netns", "exec", _machines.NamespaceOf(name), "dotnet" }, Program, .. _arguments],
        Environment = new Dictionary<string, string?> { ["DPWA_NAME"] = name, ["DPWA_CONFIG"] = _config },
    };

    private void Happened(LaunchEvent what)
    {
        if (what is WorkerOutput line) _said[line.Worker].Add(line.Text);
        else _happened.Add(what);
    }
}
