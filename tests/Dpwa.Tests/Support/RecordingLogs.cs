using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Dpwa.Tests.Support;

/// <summary>Keeps every line of the log.</summary>
internal sealed class RecordingLogs : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(int Id, LogLevel Level, string Text)> _lines = new();

    public IReadOnlyList<(int Id, LogLevel Level, string Text)> Lines => [.. _lines];

    /// <summary>The texts of one event.</summary>
    public IReadOnlyList<string> Of(int eventId) => [.. _lines.Where(l => l.Id == eventId).Select(l => l.Text)];

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        _lines.Enqueue((eventId.Id, logLevel, $"{formatter(state, exception)}{exception}"));
    }

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
