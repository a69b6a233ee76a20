using System.Net.Sockets;
using System.Security.Cryptography;
using Dpwa.Dashboard.Storage;
using Dpwa.Dashboard.Watching;
using Dpwa.Dashboard.Web;
using Dpwa.Launch;
using Dpwa.Launch.Watch;
using Dpwa.Prometheus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dpwa.Dashboard;

/// <summary>The page, and what keeps it up to date. It listens from when it is started until it is disposed of.</summary>
public sealed class DashboardServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DashboardOptions _options;
    private readonly RunStore _store;
    private readonly LiveFeed _feed;
    private ClusterView? _last;

    private DashboardServer(WebApplication app, DashboardOptions options, RunStore store, LiveFeed feed) => (_app, _options, _store, _feed) = (app, options, store, feed);

    /// <summary>The address to open, with the token where there is one.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>How many pages are open.</summary>
    public int Pages => _feed.Pages;

    /// <summary>Opens the file of runs and listens.</summary>
    /// <exception cref="LaunchException">The file or the port cannot be used.</exception>
    public static async Task<DashboardServer> StartAsync(DashboardOptions options, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.IsLocal && options.Token is null)
            options = options with { Token = RandomNumberGenerator.GetHexString(32, lowercase: true) };
        var feed = new LiveFeed();
        RunStore store = RunStore.Open(options.Data);
        WebApplication app = Build(options);
        var server = new DashboardServer(app, options, store, feed);
        server.Map(app, app.Lifetime.ApplicationStopping);
        try
        {
            await app.StartAsync(ct).ConfigureAwait(false);
            server.Address = server.AddressOf();
            return server;
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw new LaunchException($"Cannot listen at {options.Listen}, port {options.Port}: {(e.InnerException ?? e).Message.TrimEnd('.')}. Give another port with --port.", e);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Shows and keeps what is watched, until it ends.</summary>
    /// <param name="views">The rounds of questions.</param>
    /// <param name="ct">Ends it, without an exception.</param>
    public async Task WatchAsync(IAsyncEnumerable<ClusterView> views, CancellationToken ct)
    {
        var recorder = new RunRecorder(_store, _options.Title, _options.Nodes);
        try
        {
            await foreach (ClusterView view in views.WithCancellation(ct).ConfigureAwait(false))
            {
                Volatile.Write(ref _last, view);
                _feed.Publish(recorder.Add(view));
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Asked for.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        _store.Dispose();
    }

    private static WebApplication Build(DashboardOptions options)
    {
        // Empty: what is in the environment or in files of this folder is meant for others.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 256;
            kestrel.Listen(options.Listen, options.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        WebApplication app = builder.Build();
        var guard = new Guard(options);
        app.Use((HttpContext context, RequestDelegate next) => guard.Check(context, next));
        app.UseRouting();
        return app;
    }

    private void Map(IEndpointRouteBuilder app, CancellationToken stopping)
    {
        var runs = new RunReader(_options.Data);
        app.MapGet("/api/cluster", (RequestDelegate)(context => Json(context, new { _options.Title, _options.Nodes, _options.Interval, Runs = runs.Runs() })));
        app.MapGet("/api/runs/{run:long}", (RequestDelegate)(context => History(context, runs)));
        app.MapGet("/api/live", (RequestDelegate)(context => _feed.ServeAsync(context, stopping)));
        app.MapGet("/metrics", (RequestDelegate)Metrics);
        app.MapGet("/{**path}", (RequestDelegate)File);
    }

    /// <summary>For Prometheus: what the nodes said in the last round. Those that did not answer in it are down.</summary>
    private Task Metrics(HttpContext context)
    {
        NodeReading[] readings = Volatile.Read(ref _last) is { } view ? [.. view.Nodes.Select(n => new NodeReading(n.Node.Name, n.State is WatchState.Running ? n.Status : null))] : [];
        context.Response.ContentType = ClusterMetrics.ContentType;
        return ClusterMetrics.WriteAsync(readings, context.Response.Body, context.RequestAborted);
    }

    private static Task History(HttpContext context, RunReader runs)
    {
        const int Usual = 600;
        long run = long.Parse((string)context.GetRouteValue("run")!, System.Globalization.CultureInfo.InvariantCulture);
        int points = int.TryParse(context.Request.Query["points"], out int asked) ? Math.Clamp(asked, 1, RunStore.MostPoints) : Usual;
        if (runs.History(run, points) is { } history)
            return Json(context, history);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync($"Run {run} is not kept.\n");
    }

    private static Task Json<T>(HttpContext context, T value) => context.Response.WriteAsJsonAsync(value, PageJson.Options, context.RequestAborted);

    private static async Task File(HttpContext context)
    {
        string path = context.Request.Path.Value!.TrimStart('/');
        if (!PageFiles.All.TryGetValue(path.Length == 0 ? "index.html" : path, out PageFile? file))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync("There is no such page.\n").ConfigureAwait(false);
            return;
        }

        context.Response.Headers.ETag = file.Tag;
        if (context.Request.Headers.IfNoneMatch == file.Tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = file.Type;
        context.Response.ContentLength = file.Content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(file.Content, context.RequestAborted).ConfigureAwait(false);
    }

    private Uri AddressOf()
    {
        var bound = new Uri(_app.Urls.First());
        // Who listens at all addresses is at none that could be opened.
        string host = _options.Listen.Equals(System.Net.IPAddress.Any) || _options.Listen.Equals(System.Net.IPAddress.IPv6Any) ? Environment.MachineName : bound.Host;
        return new UriBuilder(bound) { Host = _options.Names.Count > 0 ? _options.Names[0] : host, Query = _options.Token is null ? "" : $"token={_options.Token}" }.Uri;
    }
}
