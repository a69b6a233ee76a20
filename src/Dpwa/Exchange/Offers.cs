using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Exchange;

/// <summary>
/// What this node has given out of hand: the snapshot that one peer may still fetch, and push-sum weight that travels. Weight leaves the node when it is offered
/// and is in limbo until the peer says that it was applied, or that it was not and never will be; only then does it come back. So it is never counted twice, and
/// lost only with the process that holds it.
/// </summary>
internal sealed class Offers
{
    /// <summary>An offer below this is not worth a message, and halving it on would end at 0.</summary>
    private const double LeastWeight = 1e-100;

    private readonly List<Limbo> _limbo = [];

    /// <summary>The push-sum weight of this node's own parameters.</summary>
    public required double Weight { get; set; }

    /// <summary>Weight that was offered and whose fate is not known.</summary>
    public IReadOnlyList<Limbo> InLimbo => _limbo;

    /// <summary>The snapshot that <see cref="Taker"/> may fetch although it may not be the newest any more; null when none is.</summary>
    public Snapshot? Pinned { get; private set; }

    /// <summary>Who may fetch it.</summary>
    public ulong Taker { get; private set; }

    /// <summary>When it is given up.</summary>
    public TimeSpan? PinDeadline { get; private set; }

    /// <summary>The last snapshot that took part in a swap, in either role.</summary>
    public ulong SwappedSequence { get; private set; }

    /// <summary>The request that the pin belongs to.</summary>
    private ulong PinRequest { get; set; }

    /// <summary>Whether the published snapshot can take part in a swap: one at a time, and each snapshot in one only.</summary>
    public bool CanSwap(Snapshot? published) => published is not null && Pinned is null && published.Sequence != SwappedSequence;

    /// <summary>Whether there is weight to give, and nothing else on its way.</summary>
    public bool CanPush => Pinned is null && Weight > LeastWeight;

    /// <summary>Keeps a snapshot for a peer, until it says that it has taken it or until the deadline.</summary>
    public void Pin(Snapshot snapshot, ulong taker, ulong request, TimeSpan deadline)
    {
        snapshot.Pin();
        (Pinned, Taker, PinRequest, PinDeadline) = (snapshot, taker, request, deadline);
    }

    public void MarkSwapped(Snapshot snapshot) => SwappedSequence = snapshot.Sequence;

    /// <summary>The swap was refused before it began: the snapshot is free for another.</summary>
    public void UnmarkSwapped() => SwappedSequence = 0;

    /// <summary>The peer has taken it, or will not. Of another request nothing is given up.</summary>
    public void Unpin(ulong taker, ulong request)
    {
        if (Taker == taker && PinRequest == request)
            Unpin();
    }

    public void Unpin()
    {
        Pinned?.Unpin();
        (Pinned, PinDeadline) = (null, null);
    }

    /// <summary>Half of the weight leaves for a peer.</summary>
    public double Give(ulong peer, ulong request)
    {
        double half = Weight / 2;
        Weight -= half;
        _limbo.Add(new(peer, request, half));
        return half;
    }

    /// <summary>The fate of an offer is known.</summary>
    public void Settle(ulong peer, ulong request, bool applied)
    {
        int index = _limbo.FindIndex(l => l.Peer == peer && l.Request == request);
        if (index < 0)
            return;
        if (!applied)
            Weight += _limbo[index].Weight;
        _limbo.RemoveAt(index);
    }

    /// <summary>The offer to a peer whose fate is not known, if there is one.</summary>
    public ulong? UnsettledWith(ulong peer)
    {
        foreach (Limbo limbo in _limbo)
        {
            if (limbo.Peer == peer)
                return limbo.Request;
        }

        return null;
    }
}

/// <summary>Weight whose acknowledgement has not come.</summary>
/// <param name="Peer">To whom it was offered.</param>
/// <param name="Request">The offer.</param>
/// <param name="Weight">How much.</param>
public readonly record struct Limbo(ulong Peer, ulong Request, double Weight);

/// <summary>What has become of an offer, as the one who takes it knows. The values are part of the protocol.</summary>
public enum OfferFate : byte
{
    /// <summary>It never came here, or came to nothing, and never will be applied.</summary>
    NotApplied = 0,

    /// <summary>Its parameters are here, verified, and are mixed at the next <c>UpdateWait</c> or were.</summary>
    Applied = 1,

    /// <summary>It is being fetched.</summary>
    Pending = 2,
}
