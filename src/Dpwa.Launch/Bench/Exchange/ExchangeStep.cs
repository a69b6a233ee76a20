using System.Diagnostics;

namespace Dpwa.Launch.Bench.Exchange;

/// <summary>How one step went.</summary>
/// <param name="Result">What its exchange did; the default when there was none.</param>
/// <param name="Whole">The whole step.</param>
/// <param name="Blocked">What of it was spent inside UpdateSend and UpdateWait.</param>
/// <param name="SinceSend">From the end of UpdateSend to the end of UpdateWait.</param>
internal readonly record struct StepTimes(UpdateResult Result, TimeSpan Whole, TimeSpan Blocked, TimeSpan SinceSend)
{
    public bool HasFailed => Result.Outcome != UpdateOutcome.Averaged;

    /// <summary>From the request until the last byte was verified.</summary>
    // Through shared memory nothing travels, and what then takes the time is the mixing.
    public TimeSpan Transfer => Result.Transfer > TimeSpan.Zero ? Result.Transfer : SinceSend;
}

/// <summary>A user's training loop, one step at a time, on the thread that calls it.</summary>
internal sealed class ExchangeStep(DpwaConnection connection) : IDisposable
{
    private const double Loss = 1;
    private const int FailuresInARow = 5;
    private static readonly TimeSpan Hopeless = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BackOff = TimeSpan.FromMilliseconds(100);

    private readonly ManualResetEvent _never = new(initialState: false);
    private long _lastSuccess = Stopwatch.GetTimestamp();
    private int _failures;

    /// <summary>A step with an exchange.</summary>
    /// <exception cref="BenchException">None has succeeded for too long.</exception>
    public StepTimes Run(Training training)
    {
        var start = Stopwatch.GetTimestamp();
        connection.UpdateSend(Loss);
        var sent = Stopwatch.GetTimestamp();
        training.Run();
        var trained = Stopwatch.GetTimestamp();
        var result = connection.UpdateWait(Loss);
        var end = Stopwatch.GetTimestamp();
        Judge(result, end);
        return new(result, Between(start, end), Between(start, sent) + Between(trained, end), Between(sent, end));
    }

    /// <summary>The same step without the exchange.</summary>
    public static StepTimes RunAlone(Training training)
    {
        var start = Stopwatch.GetTimestamp();
        training.Run();
        return new(default, Between(start, Stopwatch.GetTimestamp()), TimeSpan.Zero, TimeSpan.Zero);
    }

    public void Dispose() => _never.Dispose();

    private static TimeSpan Between(long start, long end) => Stopwatch.GetElapsedTime(start, end);

    private void Judge(in UpdateResult result, long now)
    {
        if (result.Outcome == UpdateOutcome.Averaged)
        {
            (_lastSuccess, _failures) = (now, 0);
            return;
        }

        if (++_failures >= FailuresInARow && Between(_lastSuccess, now) > Hopeless)
            throw new BenchException($"No exchange has succeeded for {Between(_lastSuccess, now).TotalSeconds:0} seconds; the last one: {result.Reason ?? result.Outcome.ToString()}.");
        // A peer that failed is not asked again at once, so that the next steps would fail too, within microseconds.
        _never.WaitOne(BackOff);
    }
}
