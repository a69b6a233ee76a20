using Dpwa.Prometheus;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Dpwa.Monitoring.Tests.Docs;

/// <summary>The code of docs/monitoring.md, compiled. DocumentTests of the TorchSharp tests finds it here.</summary>
internal static class Snippets
{
    private static void Otlp()
    {
        using MeterProvider metrics = Sdk.CreateMeterProviderBuilder().AddMeter("Dpwa").AddOtlpExporter().Build();
        using TracerProvider traces = Sdk.CreateTracerProviderBuilder().AddSource("Dpwa").AddOtlpExporter().Build();
    }

    private static void HostedWorker(string[] args)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddDpwa("w1", "dpwa.yaml");        // DpwaConnection, which logs to the host's log
        builder.Services.AddHostedService<Trainer>();       // your BackgroundService; it takes the connection in its constructor
        builder.Services.AddOpenTelemetry()
            .WithMetrics(m => m.AddMeter("Dpwa").AddOtlpExporter())
            .WithTracing(t => t.AddSource("Dpwa").AddOtlpExporter());
        builder.Build().Run();
    }

    private static async Task Exposition(DpwaConnection w1, DpwaConnection w2, Stream body)
    {
        await ClusterMetrics.WriteAsync([new("w1", w1.Status), new("w2", w2.Status)], body);
    }

    private static void Exchanges(DpwaConnection dpwa)
    {
        dpwa.Exchanged += (_, result) => Console.WriteLine($"{result.Outcome} with {result.Peer}: {result.Reason}");
    }

    private static DpwaOptions JsonLogs()
    {
        using ILoggerFactory loggers = LoggerFactory.Create(b => b.AddJsonConsole());
        return DpwaOptions.Load("dpwa.yaml") with { LoggerFactory = loggers };
    }

    private sealed class Trainer(DpwaConnection dpwa) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.FromResult(dpwa);
    }
}
