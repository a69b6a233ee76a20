using Microsoft.Extensions.Logging;

namespace Dpwa.Tests.Support;

/// <summary>Keeps every line of the log.</summary>
internal sealed class RecordingLogs : ILoggerFactory, ILogger
{
    private readonly Lock _gate = new();
    private readonly List<(int Id, LogLevel Level, string Text)> _lines = [];
    private readonly List<(int Id, int Count, TaskCompletionSource Done)> _waiting = [];

    public IReadOnlyList<(int Id, LogLevel Level, string Text)> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    /// <summary>The texts of one event.</summary>
    public IReadOnlyList<string> Of(int eventId) => [.. Lines.Where(l => l.Id == eventId).Select(l => l.Text)];

    /// <summary>Completes once an event has been logged so often.</summary>
    public Task Logged(int eventId, int count = 1)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((eventId, count, done));
            Tell();
        }

        return done.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        lock (_gate)
        {
            _lines.Add((eventId.Id, logLevel, $"{formatter(state, exception)}{exception}"));
            Tell();
        }
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

    private void Tell()
    {
        foreach ((int id, int count, TaskCompletionSource done) in _waiting)
        {
            if (_lines.Count(l => l.Id == id) >= count)
                done.TrySetResult();
        }
    }
}
