namespace Dpwa.Launch.Bench.Link;

/// <summary>
/// Says how long to wait so that no more than a rate passes. Bytes are taken first and waited for afterwards, so that the waits add up to exactly
/// the rate, however coarse the waiting is. Thread-safe.
/// </summary>
public sealed class TokenBucket
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private long _last;
    private double _tokens;

    /// <summary>A full bucket.</summary>
    /// <param name="bytesPerSecond">The rate.</param>
    /// <param name="burst">How many bytes it holds: so many may pass at once after a pause.</param>
    /// <param name="time">The clock.</param>
    public TokenBucket(double bytesPerSecond, double burst, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(burst);
        ArgumentNullException.ThrowIfNull(time);
        (BytesPerSecond, Burst, _time, _tokens, _last) = (bytesPerSecond, burst, time, burst, time.GetTimestamp());
    }

    /// <summary>The rate.</summary>
    public double BytesPerSecond { get; }

    /// <summary>How many bytes it holds.</summary>
    public double Burst { get; }

    /// <summary>Takes this many bytes, and gives how long to wait before they are passed on.</summary>
    public TimeSpan Take(int bytes)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            _tokens = Math.Min(Burst, _tokens + (_time.GetElapsedTime(_last, now).TotalSeconds * BytesPerSecond)) - bytes;
            _last = now;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / BytesPerSecond);
        }
    }
}
