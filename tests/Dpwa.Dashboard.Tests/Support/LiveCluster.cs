using System.Diagnostics;
using System.Globalization;
using System.Net;
using Dpwa.Launch.Hosts;
using Dpwa.Launch.Watch;

namespace Dpwa.Dashboard.Tests.Support;

/// <summary>Workers in processes of their own, and a dashboard that watches them.</summary>
internal sealed class LiveCluster : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Process> _workers = [];
    private readonly CancellationTokenSource _end = new();
    private readonly DpwaOptions _options;
    private readonly ClusterWatch _watch;
    private int _step;
    private DashboardServer? _server;
    private Task _watching = Task.CompletedTask;

    private LiveCluster(int workers)
    {
        int port = FreePorts.FindRange(IPAddress.Loopback, workers, new Random());
        File.WriteAllLines(Config, ["nodes:", .. Enumerable.Range(1, workers).Select(i => $"  - {{ name: w{i}, host: 127.0.0.1, port: {(port + i - 1).ToString(CultureInfo.InvariantCulture)} }}")]);
        _options = DpwaOptions.Load(Config);
        _watch = ClusterWatch.Open(_options, TimeSpan.FromSeconds(1), TimeProvider.System);
    }

    public string Address => _server!.Address.AbsoluteUri;

    public string Data => _folder.File("runs.db");

    private string Config => _folder.File("dpwa.yaml");

    /// <summary>Starts so many workers, several in a process where asked for, and the dashboard.</summary>
    public static async Task<LiveCluster> StartAsync(int workers, int inProcess = 1, int stepMilliseconds = 60)
    {
        var cluster = new LiveCluster(workers) { _step = stepMilliseconds };
        foreach (string[] names in Enumerable.Range(1, workers).Select(i => $"w{i}").Chunk(inProcess))
            cluster.Start(string.Join(',', names));
        cluster._server = await DashboardServer.StartAsync(new() { Title = "dpwa.yaml", Nodes = [.. cluster._options.Nodes.Select(node => node.Name)], Data = cluster.Data, Port = 0 });
        cluster._watching = cluster._server.WatchAsync(cluster._watch.WatchAsync(TimeSpan.FromSeconds(1), cluster._end.Token), cluster._end.Token);
        return cluster;
    }

    public void Start(string name)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Dpwa.TestWorker.dll"), "learn", _step.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["DPWA_NAME"] = name;
        start.Environment["DPWA_CONFIG"] = Config;
        Process worker = Process.Start(start)!;
        worker.OutputDataReceived += static (_, _) => { };
        worker.BeginOutputReadLine();
        _workers[name] = worker;
    }

    public void Kill(string name)
    {
        if (!_workers.Remove(name, out Process? worker))
            return;
        worker.Kill();
        worker.WaitForExit();
        worker.Dispose();
    }

    /// <summary>How many rounds are told until a worker is found so: that before and those from now on.</summary>
    public async Task<int> RoundsUntilAsync(string name, string state, CancellationToken ct)
    {
        using var client = new HttpClient();
        using var live = new StreamReader(await client.GetStreamAsync(new Uri(_server!.Address, "api/live"), ct));
        for (int rounds = 0; ;)
        {
            string line = await live.ReadLineAsync(ct) ?? throw new InvalidOperationException("The dashboard has ended.");
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
                continue;
            rounds++;
            if (line.Contains($"\"name\":\"{name}\",\"state\":\"{state}\"", StringComparison.Ordinal))
                return rounds;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        if (_server is not null)
            await _server.DisposeAsync();
        _watch.Dispose();
        foreach (string name in _workers.Keys.ToArray())
            Kill(name);
        _end.Dispose();
        _folder.Dispose();
    }
}
