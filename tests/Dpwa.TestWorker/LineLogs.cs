using Microsoft.Extensions.Logging;

namespace Dpwa.TestWorker;

/// <summary>What the library logs, a line each between the steps, so that one stream has everything in its order.</summary>
internal sealed class LineLogs : ILoggerFactory, ILogger
{
    /// <summary>Writes a line at once.</summary>
    public static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    /// <summary>The peers that are not asked now, as a line of a step ends with them.</summary>
    public static string Away(DpwaConnection node) => string.Concat(node.Peers.Where(peer => peer.State == PeerState.BackingOff).Select(peer => $" without {peer.Name}"));

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Say($"log {formatter(state, exception)}{(exception is null ? "" : $" {exception.GetType().Name}")}");

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
