using Dpwa.Protocol;

namespace Dpwa.Snapshots;

/// <summary>
/// The memory that bodies arrive in. A model's buffer is kept for the next exchange; one that belongs to an aborted exchange comes back only
/// when its connection has really let go of it, so a late byte can never land in the buffer of another exchange.
/// </summary>
internal sealed class ReceiveBuffers
{
    private IncomingPayload? _kept;

    /// <summary>Memory for a model of this layout.</summary>
    public IncomingPayload Rent(ParameterLayout layout)
    {
        IncomingPayload? kept = Interlocked.Exchange(ref _kept, null);
        if (kept is null || !ReferenceEquals(kept.Layout, layout))
            return new IncomingPayload(layout.PayloadLength, layout, GiveBack);
        kept.Reset();
        return kept;
    }

    /// <summary>Memory for a small body.</summary>
    public static IncomingPayload Small(long length) => new(length, layout: null, giveBack: null);

    private void GiveBack(IncomingPayload payload) => Volatile.Write(ref _kept, payload);
}
