namespace Dpwa.Simulation.Network;

/// <summary>One direction of a virtual connection: what is sent on it arrives in order.</summary>
internal sealed class VirtualStream
{
    private long _bytes;
    private long _before;

    /// <summary>When the first byte of what was sent last arrives.</summary>
    public TimeSpan FirstArrival { get; private set; }

    /// <summary>When the last byte that was sent arrives.</summary>
    public TimeSpan LastArrival { get; private set; }

    /// <summary>So many bytes arrive from the one moment to the other.</summary>
    public void Carry(long bytes, TimeSpan first, TimeSpan last)
    {
        _before += _bytes;
        (_bytes, FirstArrival, LastArrival) = (bytes, first, last);
    }

    /// <summary>What is sent from now on arrives no earlier.</summary>
    public void Hold(TimeSpan until) => LastArrival = until > LastArrival ? until : LastArrival;

    /// <summary>How many bytes have arrived.</summary>
    public long Arrived(TimeSpan now) =>
        now >= LastArrival ? _before + _bytes : now <= FirstArrival ? _before : _before + (long)(_bytes * ((now - FirstArrival) / (LastArrival - FirstArrival)));
}
