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
    private readonly Dictionary<ulong, (ulong Incarnation, ulong Request, OfferFate Fate)> _taken = [];

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

    /// <summary>Whether nothing has been mixed since this node last published.</summary>
    public bool IsCurrent { get; set; }

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
    public void UnmarkSwapped(Snapshot snapshot)
    {
        if (SwappedSequence == snapshot.Sequence)
            SwappedSequence = 0;
    }

    /// <summary>The peer has taken it, or will not. Of another request nothing is given up.</summary>
    public void Unpin(ulong taker, ulong request)
    {
        if (Taker == taker && PinRequest == request)
            Unpin();
    }

    /// <summary>A connection of a peer has ended: nothing is kept for it any longer.</summary>
    public void UnpinFor(ulong peer)
    {
        if (Taker == peer)
            Unpin();
    }

    public void Unpin()
    {
        Pinned?.Unpin();
        (Pinned, PinDeadline) = (null, null);
    }

    /// <summary>Half of the weight leaves for a peer.</summary>
    public double Give(ulong peer, ulong incarnation, ulong request)
    {
        double half = Weight / 2;
        Weight -= half;
        _limbo.Add(new(peer, incarnation, request, half));
        return half;
    }

    /// <summary>The peer has taken an offer up, in this life of it.</summary>
    public void Accepted(ulong peer, ulong request, ulong incarnation)
    {
        if (Find(peer, request) is >= 0 and int index)
            _limbo[index] = _limbo[index] with { Incarnation = incarnation };
    }

    /// <summary>The fate of an offer is known. That it was not applied only the life of the peer can say to which it was made: what another had applied, it may have
    /// passed on before it ended. Then the weight is lost, as a process that ends may lose it, and not doubled.</summary>
    /// <param name="peer">To whom it was made.</param>
    /// <param name="request">The offer.</param>
    /// <param name="applied">Its fate.</param>
    /// <param name="from">The life of the peer that says so; 0: the one that was asked.</param>
    public void Settle(ulong peer, ulong request, bool applied, ulong from = 0)
    {
        if (Find(peer, request) is not (>= 0 and int index))
            return;
        Limbo limbo = _limbo[index];
        if (!applied && (from == 0 || limbo.Incarnation == 0 || limbo.Incarnation == from))
            Weight += limbo.Weight;
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

    /// <summary>What has become here of an offer that a peer made. One that never came here never will count: should it be on its way still, it comes too late.</summary>
    public OfferFate FateOf(ulong peer, ulong incarnation, ulong request)
    {
        if (IsNew(peer, incarnation, request))
            Take(peer, incarnation, request, OfferFate.NotApplied);

        // Of one before the last nothing is known any more: better in limbo for ever than counted twice. Who asks before it offers again never sees that.
        return _taken[peer] is var last && (last.Incarnation, last.Request) == (incarnation, request) ? last.Fate : OfferFate.Pending;
    }

    /// <summary>Whether an offer of this peer ever came here.</summary>
    public bool Knows(ulong peer) => _taken.ContainsKey(peer);

    /// <summary>Whether an offer comes here for the first time. Lives, and the requests of one, are numbered upwards.</summary>
    public bool IsNew(ulong peer, ulong incarnation, ulong request) =>
        !_taken.TryGetValue(peer, out (ulong Incarnation, ulong Request, OfferFate) last) || (incarnation, request).CompareTo((last.Incarnation, last.Request)) > 0;

    /// <summary>Whether this very offer was taken up here.</summary>
    public bool HasTaken(ulong peer, ulong incarnation, ulong request) =>
        _taken.TryGetValue(peer, out (ulong Incarnation, ulong Request, OfferFate Fate) last) && (last.Incarnation, last.Request) == (incarnation, request) && last.Fate != OfferFate.NotApplied;

    /// <summary>Notes the fate of an offer that came here, unless a newer one has come since. It is kept for longer than the peer is a member: who comes back asks.</summary>
    public void Take(ulong peer, ulong incarnation, ulong request, OfferFate fate)
    {
        if (IsNew(peer, incarnation, request) || _taken[peer] is var last && (last.Incarnation, last.Request) == (incarnation, request))
            _taken[peer] = (incarnation, request, fate);
    }

    private int Find(ulong peer, ulong request)
    {
        for (int i = 0; i < _limbo.Count; i++)
        {
            if (_limbo[i].Peer == peer && _limbo[i].Request == request)
                return i;
        }

        return -1;
    }
}

/// <summary>Weight whose acknowledgement has not come.</summary>
/// <param name="Peer">To whom it was offered.</param>
/// <param name="Incarnation">In which life of the peer; 0 when none has been heard of.</param>
/// <param name="Request">The offer.</param>
/// <param name="Weight">How much.</param>
public readonly record struct Limbo(ulong Peer, ulong Incarnation, ulong Request, double Weight);

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
