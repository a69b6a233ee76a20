using Dpwa.Codecs;
using Dpwa.Protocol;

namespace Dpwa.Snapshots;

/// <summary>
/// The memory that bodies arrive in. A model's buffer, one for each codec in use, is kept for the next exchange; one that belongs to an aborted exchange comes back only
/// when its connection has really let go of it, so a late byte can never land in the buffer of another exchange.
/// </summary>
internal sealed class ReceiveBuffers
{
    private readonly IncomingPayload?[] _kept = new IncomingPayload?[(int)PayloadCodec.Int8 + 1];

    /// <summary>Memory for a model of this layout in this codec.</summary>
    public IncomingPayload Rent(ParameterLayout layout, PayloadCodec codec = PayloadCodec.Native)
    {
        IncomingPayload? kept = Interlocked.Exchange(ref _kept[(int)codec], null);
        if (kept is null || !ReferenceEquals(kept.Layout, layout))
            return new IncomingPayload(EncodedLayout.Of(layout, codec).Length, layout, GiveBack, codec);
        kept.Reset();
        return kept;
    }

    /// <summary>Memory for a small body.</summary>
    public static IncomingPayload Small(long length) => new(length, layout: null, giveBack: null);

    private void GiveBack(IncomingPayload payload) => Volatile.Write(ref _kept[(int)payload.Codec], payload);
}
