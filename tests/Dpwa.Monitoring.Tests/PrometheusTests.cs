using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dpwa.Prometheus;

namespace Dpwa.Monitoring.Tests;

/// <summary>A real Prometheus (Debian's package) scrapes what live workers say. tests/prometheus.sh installs it and runs these.</summary>
public sealed class PrometheusTests
{
    private const int Limit = 240_000;

    [Fact(Timeout = Limit)]
    public async Task Promtool_finds_nothing_wrong_with_the_exposition()
    {
        string promtool = Program("promtool");
        await using var workers = new Workers(2);
        workers.Step();
        using Process process = Process.Start(new ProcessStartInfo(promtool, ["check", "metrics"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteAsync(await ClusterMetricsTests.Text(Readings(workers)));
        process.StandardInput.Close();
        string said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (process.ExitCode, said));
    }

    [Fact(Timeout = Limit)]
    public async Task A_Prometheus_scrapes_live_workers_and_every_query_of_the_dashboard_has_an_answer()
    {
        string program = Program("prometheus");
        await using var workers = new Workers(3);
        await using var page = new MetricsPage(() => Readings(workers));
        using var prometheus = new Server(program, page.Port);

        // A proxy that the environment names is not for this machine itself.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{prometheus.Port}") };
        CancellationToken ct = TestContext.Current.CancellationToken;

        // Rates need two scrapes: until all nodes' steps have one, the workers go on.
        while (await Count(http, "rate(dpwa_steps_total[1m]) > 0", ct) < 3)
        {
            ct.ThrowIfCancellationRequested();
            if (prometheus.HasExited)
                Assert.Fail(prometheus.Said);
            workers.Step();
        }

        Assert.Equal(3, await Count(http, "dpwa_up == 1", ct));
        Assert.Equal(3, await Count(http, "dpwa_exchanges_total{dpwa_outcome=\"averaged\"} > 0", ct));
        foreach (string query in GrafanaTests.Queries().Where(q => !q.StartsWith("label_values(", StringComparison.Ordinal)))
            Assert.True(await Count(http, query.Replace("$node", ".*", StringComparison.Ordinal), ct) > 0, $"no answer: {query}");
    }

    private static NodeReading[] Readings(Workers workers) => [.. workers.Nodes.Select((n, i) => new NodeReading(n.Status.Name, n.Status with { Sketch = [i, 1] }))];

    /// <summary>How many series a query gives; −1 while the server does not answer yet.</summary>
    private static async Task<int> Count(HttpClient http, string query, CancellationToken ct)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative), ct);
            string text = await answer.Content.ReadAsStringAsync(ct);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                return -1;
            Assert.True(answer.IsSuccessStatusCode, $"{query}: {text}");
            using JsonDocument json = JsonDocument.Parse(text);
            return json.RootElement.GetProperty("data").GetProperty("result").GetArrayLength();
        }
        catch (HttpRequestException)
        {
            return -1;
        }
    }

    private static string Program(string name)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"There is no '{name}' on this machine: 'bash tests/prometheus.sh' installs it.");
        return path;
    }

    /// <summary>Serves the metrics over HTTP, as a dashboard does.</summary>
    private sealed class MetricsPage : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Task _serving;

        public MetricsPage(Func<NodeReading[]> read)
        {
            Port = FreePort();
            _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
            _listener.Start();
            _serving = ServeAsync(read);
        }

        public int Port { get; }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
            _listener.Close();
        }

        private async Task ServeAsync(Func<NodeReading[]> read)
        {
            try
            {
                while (true)
                {
                    HttpListenerContext context = await _listener.GetContextAsync();
                    context.Response.ContentType = ClusterMetrics.ContentType;
                    await ClusterMetrics.WriteAsync(read(), context.Response.OutputStream);
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }

    /// <summary>A Prometheus of its own, with its data in a temporary folder.</summary>
    private sealed class Server : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dpwa-prometheus-");
        private readonly Process _process;
        private readonly Task<string> _said;

        public Server(string program, int target)
        {
            Port = FreePort();
            string config = Path.Combine(_folder.FullName, "prometheus.yml");
            File.WriteAllText(config, string.Create(CultureInfo.InvariantCulture, $"global: {{ scrape_interval: 1s }}\nscrape_configs:\n  - job_name: dpwa\n    static_configs: [{{ targets: ['127.0.0.1:{target}'] }}]\n"));
            _process = Process.Start(new ProcessStartInfo(program, [$"--config.file={config}", $"--storage.tsdb.path={Path.Combine(_folder.FullName, "data")}", $"--web.listen-address=127.0.0.1:{Port}"])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            })!;
            _said = _process.StandardError.ReadToEndAsync();
        }

        public int Port { get; }

        public bool HasExited => _process.HasExited;

        /// <summary>What it wrote, once it has ended.</summary>
        public string Said => _said.GetAwaiter().GetResult();

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _folder.Delete(recursive: true);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
