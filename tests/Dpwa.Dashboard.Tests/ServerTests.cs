using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;
using Dpwa.Dashboard.Tests.Support;
using Dpwa.Launch;
using Dpwa.Launch.Watch;

namespace Dpwa.Dashboard.Tests;

public sealed class ServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task The_page_is_served_with_what_it_may_not_do()
    {
        await using DashboardServer server = await Start();
        using HttpResponseMessage page = await _client.GetAsync(server.Address, Ct);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", await page.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using HttpResponseMessage again = await Ask(server, request => request.Headers.IfNoneMatch.Add(page.Headers.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Ask(server, path: "js/../../secret")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Ask(server, path: "api/runs/7")).StatusCode);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("10.0.0.1", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost:9999", HttpStatusCode.OK)]
    [InlineData("[::1]", HttpStatusCode.OK)]
    [InlineData("tunnel.example", HttpStatusCode.OK)]
    public async Task It_answers_by_its_own_names_only(string host, HttpStatusCode expected)
    {
        await using DashboardServer server = await Start(options => options with { Names = ["tunnel.example"] });
        Assert.Equal(expected, (await Ask(server, request => request.Headers.Host = host, new UriBuilder("http", "127.0.0.1", server.Address.Port).Uri)).StatusCode);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("Origin", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    public async Task It_does_not_answer_other_sites(string header, string value, HttpStatusCode expected)
    {
        await using DashboardServer server = await Start();
        Assert.Equal(expected, (await Ask(server, request => request.Headers.Add(header, value), path: "api/cluster")).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task Nothing_can_be_changed()
    {
        await using DashboardServer server = await Start();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await Ask(server, request => request.Method = HttpMethod.Delete, path: "api/runs/1")).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task Beyond_this_machine_it_wants_a_token()
    {
        await using DashboardServer server = await Start(options => options with { Listen = IPAddress.Any });
        Uri here = new UriBuilder("http", "127.0.0.1", server.Address.Port).Uri;
        string token = server.Address.Query["?token=".Length..];
        Assert.True(token.Length >= 32);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Ask(server, address: here)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Ask(server, address: new(here, "?token=wrong"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Ask(server, address: new(here, "api/live"))).StatusCode);
        using HttpResponseMessage admitted = await Ask(server, address: new(here, $"?token={token}"));
        Assert.Equal((HttpStatusCode.SeeOther, "/"), (admitted.StatusCode, admitted.Headers.Location!.OriginalString));
        string cookie = Assert.Single(admitted.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, (await Ask(server, request => request.Headers.Add("Cookie", cookie.Split(';')[0]), here)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Ask(server, request => request.Headers.Authorization = new("Bearer", token), new(here, "api/cluster"))).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_page_hears_each_moment_and_then_finds_it_in_the_past()
    {
        await using DashboardServer server = await Start();
        var views = Channel.CreateUnbounded<ClusterView>();
        Task watching = server.WatchAsync(views.Reader.ReadAllAsync(Ct), Ct);
        using var listening = new StreamReader(await _client.GetStreamAsync(new Uri(server.Address, "api/live"), Ct));
        for (int s = 0; s < 3; s++)
        {
            views.Writer.TryWrite(Views.At(s, Views.Running("w1", step: s, news: Views.Averaged(s + 1, "w2")), Views.Running("w2")));
            Assert.Equal($"id: {s + 1}", await listening.ReadLineAsync(Ct));
            using JsonDocument tick = JsonDocument.Parse((await listening.ReadLineAsync(Ct))!["data: ".Length..]);
            Assert.Equal("running", tick.RootElement.GetProperty("nodes")[0].GetProperty("state").GetString());
            Assert.Equal(1, tick.RootElement.GetProperty("exchanges")[0].GetProperty("from").GetInt32());
            await listening.ReadLineAsync(Ct);
        }

        views.Writer.Complete();
        await watching;
        using JsonDocument past = JsonDocument.Parse(await _client.GetStringAsync(new Uri(server.Address, "api/runs/1?points=100"), Ct));
        Assert.Equal(3, past.RootElement.GetProperty("times").GetArrayLength());
        Assert.Equal(3, past.RootElement.GetProperty("edges")[0].GetProperty("averaged").GetInt32());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_page_that_does_not_read_holds_up_nobody()
    {
        await using DashboardServer server = await Start();
        using var deaf = new TcpClient { ReceiveBufferSize = 1024 };
        await deaf.ConnectAsync(IPAddress.Loopback, server.Address.Port, Ct);
        await deaf.GetStream().WriteAsync("GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Ct);
        await deaf.GetStream().ReadExactlyAsync(new byte[1], Ct);
        // Far more than sockets hold.
        var told = new string('x', 100_000);
        await server.WatchAsync(Enumerable.Range(0, 200).Select(s => Views.At(s, s % 2 == 0 ? Views.Running("w1") : Views.Silent("w1", told), Views.Running("w2"))).ToAsyncEnumerable(), Ct);
        Assert.Equal(1, server.Pages);
    }

    [Fact(Timeout = 60_000)]
    public async Task Prometheus_reads_what_the_nodes_said_in_the_last_round()
    {
        await using DashboardServer server = await Start();
        await server.WatchAsync(new[] { Views.At(0, Views.Running("w1", step: 7), Views.Running("w2")), Views.At(1, Views.Running("w1", step: 8), Views.Silent("w2")) }.ToAsyncEnumerable(), Ct);
        using HttpResponseMessage answer = await _client.GetAsync(new Uri(server.Address, "metrics"), Ct);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        string[] lines = (await answer.Content.ReadAsStringAsync(Ct)).Split('\n');
        Assert.Contains("dpwa_up{dpwa_node=\"w1\"} 1", lines);
        Assert.Contains("dpwa_up{dpwa_node=\"w2\"} 0", lines);
        Assert.Contains("dpwa_steps_total{dpwa_node=\"w1\"} 8", lines);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_port_that_is_taken_is_told()
    {
        await using DashboardServer server = await Start();
        LaunchException error = await Assert.ThrowsAsync<LaunchException>(() => Start(options => options with { Port = server.Address.Port, Data = _folder.File("other.db") }));
        Assert.Contains("--port", error.Message, StringComparison.Ordinal);
    }

    private Task<DashboardServer> Start(Func<DashboardOptions, DashboardOptions>? change = null)
    {
        var options = new DashboardOptions { Title = "dpwa.yaml", Nodes = ["w1", "w2"], Data = _folder.File("runs.db"), Port = 0 };
        return DashboardServer.StartAsync(change?.Invoke(options) ?? options, Ct);
    }

    private async Task<HttpResponseMessage> Ask(DashboardServer server, Action<HttpRequestMessage>? change = null, Uri? address = null, string path = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address ?? new Uri(server.Address, path));
        change?.Invoke(request);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
    }
}
