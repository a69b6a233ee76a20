using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dpwa.Monitoring.Tests;

/// <summary>A worker in a .NET host.</summary>
public class HostingTests
{
    private const int Limit = 60_000;

    private static readonly DpwaOptions Alone = new() { Nodes = [new DpwaNode("w1", "127.0.0.1", 0)] };

    [Fact(Timeout = Limit)]
    public async Task The_worker_joins_with_the_host_logs_to_it_and_leaves_with_it()
    {
        var log = new Log();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(log);
        builder.Services.AddDpwa("w1", Alone);
        IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.Contains(log.Lines, l => l.StartsWith("w1 listens on", StringComparison.Ordinal));
        DpwaConnection node = host.Services.GetRequiredService<DpwaConnection>();
        float[] values = [1];
        node.UpdateSend(values, 1);
        Assert.Equal(UpdateOutcome.NoPeer, node.UpdateWait(values, 1).Outcome);

        await host.StopAsync(TestContext.Current.CancellationToken);
        await ((IAsyncDisposable)host).DisposeAsync();
        Assert.Contains("w1 has left", log.Lines);
        Assert.Throws<ObjectDisposedException>(() => node.UpdateSend(values, 1));
    }

    [Fact(Timeout = Limit)]
    public async Task A_parameter_set_among_the_services_is_its_model()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IParameterSet, Three>();
        builder.Services.AddDpwa("w1", Alone);
        using IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        DpwaConnection node = host.Services.GetRequiredService<DpwaConnection>();
        node.UpdateSend(1);
        Assert.Equal(3, node.Status.Elements);
    }

    [Fact(Timeout = Limit)]
    public async Task A_taken_address_ends_the_start()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddDpwa("w1", Alone with { Nodes = [new DpwaNode("w1", "127.0.0.1", ((IPEndPoint)taken.LocalEndpoint).Port)] });
        using IHost host = builder.Build();
        await Assert.ThrowsAsync<DpwaBindException>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_log_that_the_options_have_stays()
    {
        using var own = new LoggerFactory();
        var services = new ServiceCollection();
        var log = new Log();
        services.AddLogging(b => b.AddProvider(log)).AddDpwa("w1", Alone with { LoggerFactory = own });
        using ServiceProvider provider = services.BuildServiceProvider();
        provider.GetRequiredService<DpwaConnection>();
        Assert.Empty(log.Lines);
    }

    [Fact]
    public void A_second_worker_is_refused() =>
        Assert.Contains("one worker", Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddDpwa("w1", Alone).AddDpwa("w2", Alone)).Message, StringComparison.Ordinal);

    private sealed class Three : IParameterSet
    {
        private readonly byte[] _values = new byte[3 * sizeof(float)];

        public ParameterLayout Layout { get; } = ParameterLayout.Flat(3);

        public Span<byte> Segment(int index) => _values;
    }

    private sealed class Log : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
