namespace Dpwa.Exchange;

/// <summary>
/// The rule "64 KiB per time-out": a transfer that moves less in a window has timed out, so one that trickles does not hold anyone for ever.
/// </summary>
internal struct ProgressWatch
{
    public const long MinimumBytes = 64 * 1024;

    private TimeSpan? _windowEnd;
    private long _windowBytes;

    /// <summary>When to look next; null while nothing is watched.</summary>
    public readonly TimeSpan? Deadline => _windowEnd;

    public void Start(TimeSpan now, TimeSpan window, long bytes) => (_windowEnd, _windowBytes) = (now + window, bytes);

    public void Stop() => _windowEnd = null;

    /// <summary>Whether the transfer, with <paramref name="bytes"/> moved in all, has timed out.</summary>
    public bool HasTimedOut(TimeSpan now, TimeSpan window, long bytes)
    {
        if (_windowEnd is not { } end || now < end)
            return false;
        if (bytes - _windowBytes < MinimumBytes)
            return true;
        Start(now, window, bytes);
        return false;
    }
}
