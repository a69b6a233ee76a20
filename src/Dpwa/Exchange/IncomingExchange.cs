using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Exchange;

/// <summary>
/// What a peer has offered, as the node that takes it sees it: it fetches the offered snapshot, by the same machine and the same ways as its own fetches, and has it
/// mixed at the next <c>UpdateWait</c>. One offer at a time: until it is mixed, others are told to try elsewhere, so memory is bounded whatever peers send.
/// The mix is whole or absent: the offer counts as applied from the moment that all of it is here and verified.
/// </summary>
internal sealed class IncomingExchange(NodeContext node, Func<MessageHeader, Failure> judge)
{
    private readonly FetchExchange _fetch = new(node, selector: null, judge) { Lane = Link.IncomingLane };
    private MessageHeader _offer;
    private Snapshot? _own;
    private bool _isConcluded = true;

    public bool IsIdle => _fetch.IsIdle;

    public TimeSpan? NextDeadline => _fetch.NextDeadline;

    /// <summary>The fetch, to tell it what happens on its link.</summary>
    public FetchExchange Fetch => _fetch;

    /// <summary>What the peer does with my parameters, or gives me.</summary>
    public ExchangeKind Kind => (ExchangeKind)_offer.Flags;

    /// <summary>The weight that comes with the offer.</summary>
    public double Weight => _offer.Weight;

    /// <summary>Whether a payload is here, or can be read on the spot, and only waits to be mixed.</summary>
    public bool IsReady => _fetch.IsFinished;

    /// <summary>The trainer waits and the payload is being read in shared memory: it is there at once.</summary>
    public bool IsReading => _fetch.IsReading;

    /// <summary>The weight of a payload that is here and not mixed yet.</summary>
    public double WaitingWeight => _fetch.IsFinished && Kind == ExchangeKind.PushSum ? Weight : 0;

    /// <summary>Takes an offer up.</summary>
    /// <param name="now">The time.</param>
    /// <param name="peer">Who offers.</param>
    /// <param name="offer">The offer.</param>
    /// <param name="own">My snapshot of a swap, which the difference is taken to; held until it is mixed.</param>
    public void Begin(TimeSpan now, PeerRecord peer, in MessageHeader offer, Snapshot? own)
    {
        _offer = offer;
        _own = own?.Lease();
        _isConcluded = false;
        node.Offers.Take(offer.Sender, offer.Incarnation, offer.Request, OfferFate.Pending);
        _fetch.BeginWith(now, peer, wanted: offer.Sequence, from: offer.Incarnation);
    }

    public void Hurry(TimeSpan now) => _fetch.Hurry(now);

    /// <summary>Once the fetch has an end: tells the peer, so that it gives up what it kept for me, and forgets what failed.</summary>
    public void Conclude()
    {
        if (_isConcluded || !_fetch.IsFinished)
            return;
        if (_fetch.Payload is not null)
        {
            Conclude(OfferFate.Applied);
            return;
        }

        Conclude(OfferFate.NotApplied);
        _fetch.Take();
        ReleaseOwn();
    }

    /// <summary>Gives up what is under way or waits to be mixed. Weight that counts as applied stays here.</summary>
    public void Abandon()
    {
        node.Offers.Weight += WaitingWeight;
        if (!_isConcluded)
            Conclude(OfferFate.NotApplied);
        _fetch.Abandon();
        ReleaseOwn();
    }

    private void Conclude(OfferFate fate)
    {
        _isConcluded = true;
        node.Offers.Take(_offer.Sender, _offer.Incarnation, _offer.Request, fate);
        if (_offer.Sequence != 0)
            node.SendReceipt(_offer.Sender, Link.IncomingLane, _offer.Request, fate);
        if (fate == OfferFate.NotApplied && Kind == ExchangeKind.Swap)
            node.Report(ReportKind.OneSidedSwap, node.Peers.Find(_offer.Sender)?.Name ?? "", _fetch.Failure);
    }

    /// <summary>Hands over what came, and is ready for the next offer. Of my own snapshot the lease ends here: only the trainer's thread writes snapshots, and it mixes
    /// before it does.</summary>
    public IPayload? Take(out MessageHeader header, out Snapshot? own)
    {
        header = _fetch.Header;
        own = _own;
        ReleaseOwn();
        return _fetch.Take();
    }

    private void ReleaseOwn()
    {
        _own?.Dispose();
        _own = null;
    }
}
