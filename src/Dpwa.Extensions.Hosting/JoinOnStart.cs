using Microsoft.Extensions.Hosting;

namespace Dpwa.Extensions.Hosting;

/// <summary>Has the worker join when the host starts: before what trains, should that be registered after it. The host disposes the connection when it has stopped, and so it leaves.</summary>
internal sealed class JoinOnStart(DpwaConnection connection) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // It has joined by being made.
        _ = connection;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
