using Dpwa.Codecs;
using Dpwa.Protocol;

namespace Dpwa.Snapshots;

/// <summary>
/// The memory that bodies arrive in. Two of a model's buffers for each codec in use, one for what this node fetches and one for what a peer has offered, are kept for the next exchange; one that belongs to an aborted exchange comes back only
/// when its connection has really let go of it, so a late byte can never land in the buffer of another exchange.
/// </summary>
public sealed class ReceiveBuffers
{
    private const int Each = 2;

    private readonly IncomingPayload?[] _kept = new IncomingPayload?[Each * ((int)PayloadCodec.Int8 + 1)];

    /// <summary>Memory for a model of this layout in this codec.</summary>
    public IncomingPayload Rent(ParameterLayout layout, PayloadCodec codec = PayloadCodec.Native)
    {
        int first = Each * (int)codec;
        IncomingPayload? kept = Interlocked.Exchange(ref _kept[first], null) ?? Interlocked.Exchange(ref _kept[first + 1], null);
        if (kept is null || !ReferenceEquals(kept.Layout, layout))
            return new IncomingPayload(EncodedLayout.Of(layout, codec).Length, layout, GiveBack, codec);
        kept.Reset();
        return kept;
    }

    /// <summary>Memory for a small body.</summary>
    public static IncomingPayload Small(long length) => new(length, layout: null, giveBack: null);

    private void GiveBack(IncomingPayload payload)
    {
        int first = Each * (int)payload.Codec;
        if (Interlocked.CompareExchange(ref _kept[first], payload, null) is not null)
            Volatile.Write(ref _kept[first + 1], payload);
    }
}
