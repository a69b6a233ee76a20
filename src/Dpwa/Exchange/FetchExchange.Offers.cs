using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Exchange;

/// <content>What comes before the fetch in a push, a push-sum and a swap: the offer, and what becomes of it.</content>
internal sealed partial class FetchExchange
{
    /// <summary>My snapshot that the difference is taken to, where that may not be the newest: the one that went out in the swap whose payload came, or was published when it was asked for.
    /// The lease ends here: only the trainer's thread writes snapshots, and it mixes before it does.</summary>
    public Snapshot? TakeOwn()
    {
        Snapshot? own = _own;
        _own = null;
        own?.Dispose();
        return own;
    }

    /// <summary>The trainer may publish again before the answer is here. What it trains until then is none of the difference between what the peer and I have now.</summary>
    private void KeepOwn()
    {
        if (!node.SkipsLate || Lane != Link.OwnLane || _kind != ExchangeKind.Pull || node.TakeUnusedOwn() is not { } own)
            return;
        _own?.Dispose();
        _own = own.Lease();
    }

    /// <summary>Who has weight of this node's of which it is not known whether it was applied: it is asked before anyone else.</summary>
    private PeerRecord? Unsettled(TimeSpan now)
    {
        // By index: a loop over the interface would allocate at every push.
        for (int i = 0; i < node.Offers.InLimbo.Count; i++)
        {
            if (node.Peers.FindEligible(node.Offers.InLimbo[i].Peer, now, _exchange) is { } peer)
                return peer;
        }

        return null;
    }

    /// <summary>Offers what is published. Who has been asked for a swap in the meantime takes part in that one; while an older one has not ended, a swap is a pull.</summary>
    private void Offer(TimeSpan now)
    {
        // What has been mixed since it was published has another weight than what would be offered.
        if (node.Published is not { } published || (_kind == ExchangeKind.PushSum && !(node.Offers.CanPush && node.Offers.IsCurrent)))
        {
            Finish(new(FailureKind.None, "there is nothing to offer yet: this worker has published nothing, because a value is not finite or readers hold every snapshot"));
            return;
        }

        if (_kind == ExchangeKind.Swap && published.Sequence == node.Offers.SwappedSequence)
        {
            Finish(default);
            return;
        }

        if (_kind == ExchangeKind.Swap && !(node.Offers.CanSwap(published) && node.Incoming.IsIdle))
        {
            _kind = ExchangeKind.Pull;
            AskForSnapshot(now);
            return;
        }

        _offered = true;
        ulong request = node.NextRequest();
        if (_kind == ExchangeKind.Push)
        {
            Request(now, MessageType.Offer, Phase.Offering, flags: (uint)_kind, request: request);
            return;
        }

        double weight = _kind == ExchangeKind.PushSum ? node.Offers.Give(_peer!.Id, _peer.Incarnation, request) : 1;
        node.Offers.Pin(published, _peer!.Id, request, now + node.Deadline);
        if (_kind == ExchangeKind.Swap)
        {
            node.Offers.MarkSwapped(published);
            _own = published.Lease();
        }

        Request(now, MessageType.Offer, Phase.Offering, sequence: published.Sequence, flags: (uint)_kind, request: request, weight: weight);
    }

    /// <summary>Weight is offered to one life of a peer, so that another cannot say of it that it was not applied. Of whom no life is known, one is learnt first: by the answer about an offer that never was.</summary>
    private void Greet(TimeSpan now)
    {
        ulong none = node.NextRequest();
        Request(now, MessageType.Settle, Phase.Settling, sequence: none, request: none);
    }

    private void ReceivedAccepted(TimeSpan now, in MessageHeader header)
    {
        _peer!.Heard(now, header.Incarnation);
        if (_kind != ExchangeKind.Swap)
        {
            node.Offers.Accepted(_peer.Id, _offerRequest, header.Incarnation);
            Succeed(0);
            Finish(default);
        }
        else if (header.Sequence == 0)
        {
            Fail(now, new(FailureKind.Protocol, $"{Describe()} accepted a swap without naming its snapshot"));
        }
        else
        {
            (_wanted, _wantedFrom, _accepted) = (header.Sequence, header.Incarnation, true);
            AskForSnapshot(now);
        }
    }

    /// <summary>What has become of the weight that was offered to this peer before. While it is still on its way, another peer is pushed to.</summary>
    private void ReceivedFate(TimeSpan now, in MessageHeader header)
    {
        _peer!.Heard(now, header.Incarnation);
        if (node.Offers.UnsettledWith(_peer.Id) is not { } unsettled)
        {
            if (header.Incarnation == 0)
                Fail(now, new(FailureKind.Protocol, $"{Describe()} answers without an incarnation"));
            else
                Ask(now);
            return;
        }

        if (header.Flags == (uint)OfferFate.Pending)
        {
            LookElsewhere(now, $"{Describe()} has not finished with what it was offered before");
            return;
        }

        if (header.Flags is not ((uint)OfferFate.Applied or (uint)OfferFate.NotApplied))
        {
            Fail(now, new(FailureKind.Protocol, $"{Describe()} says of an offer what is no fate: {header.Flags}"));
            return;
        }

        node.Offers.Settle(_peer.Id, unsettled, header.Flags == (uint)OfferFate.Applied, header.Incarnation);
        Ask(now);
    }

    /// <summary>The peer agreed to a swap, and may have applied its side; here it comes to nothing.</summary>
    private void EndSwap(in Failure failure)
    {
        if (!_accepted)
            return;
        _accepted = false;
        node.SendReceipt(_peer!.Id, Lane, _offerRequest, OfferFate.NotApplied);
        node.Report(ReportKind.OneSidedSwap, node.NameOf(_peer.Id), failure);
    }

    /// <summary>An offer that was refused, or whose answer never came, binds nothing here any more. Its weight comes back only if it was refused.</summary>
    private void EndOffer(bool refused)
    {
        if (!_offered)
            return;
        if (refused)
            node.Offers.Settle(_peer!.Id, _offerRequest, applied: false);
        node.Offers.Unpin(_peer!.Id, _offerRequest);
        if (TakeOwn() is { } swapped && refused)
            node.Offers.UnmarkSwapped(swapped);
        _offered = _accepted = false;
        _wanted = 0;
    }
}
