using Microsoft.Extensions.Logging;

namespace Dpwa.Diagnostics;

/// <summary>For the one message that is not to be missed by a program without a log.</summary>
internal sealed class StandardError : ILogger
{
    public static ILogger Log { get; } = new StandardError();

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Console.Error.WriteLine($"dpwa: {formatter(state, exception)}");
}
