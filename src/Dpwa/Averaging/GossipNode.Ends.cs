using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Averaging;

/// <content>How a run begins, and how it ends.</content>
public sealed partial class GossipNode
{
    private bool _isWaitingForBootstrap;
    private bool _isWaitingForMerge;

    /// <summary>Goes on where a former life of this node was when it was saved. The weight that was in limbo or waited to be mixed then is lost, as that of any life that ends.</summary>
    /// <exception cref="InvalidOperationException">The node has begun.</exception>
    public void Restore(double clock, long round, double weight)
    {
        ThrowIfBegun();
        (_context.Clock, _context.Round, _context.Offers.Weight) = (clock, round, weight);
    }

    /// <summary>Throws when a state can no longer be restored.</summary>
    /// <exception cref="InvalidOperationException">The node has begun.</exception>
    public void ThrowIfBegun()
    {
        if (Round != 0 || Clock != 0)
            throw new InvalidOperationException($"This worker has begun to train (round {Round}, clock {Clock:0.###}). Give a state to a new connection, once, and before its first UpdateSend.");
    }

    /// <summary>
    /// Asks for a model to begin with, of a peer that trains already. Once there is one, or nobody has one, a <see cref="Decision"/> is there: with the payload, not encoded,
    /// and the factor 1; the node's clock and round are the donor's then. Else one of the outcome <see cref="UpdateOutcome.NotFetching"/>, with the reason.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="wait">How long without any progress it may take.</param>
    /// <exception cref="InvalidOperationException">The node has begun.</exception>
    public void BeginBootstrap(TimeSpan now, TimeSpan wait)
    {
        ThrowIfBegun();
        _isWaitingForBootstrap = true;
        _bootstrap.Begin(now, wait);
        Decide(now);
    }

    /// <summary>
    /// The run ends: what is published now is the last, and the node takes the last of every other, to end with the mean of all. What is under way is dropped.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="loss">My loss.</param>
    /// <param name="snapshot">My parameters, written and finite.</param>
    /// <param name="wait">How long others are waited for, who still train or have not taken mine yet.</param>
    public void BeginMerge(TimeSpan now, double loss, Snapshot snapshot, TimeSpan wait)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        _fetch.Abandon();
        _incoming.Abandon();
        _context.Peers.ForgetFinals();
        Publish(now, loss, snapshot);
        _context.IsFinal = true;
        _merge.Begin(now, wait);
    }

    /// <summary>Asks for the next to mix in the final merge: a <see cref="Decision"/> with a payload, or, when it is over, one of the outcome
    /// <see cref="UpdateOutcome.NotFetching"/>.</summary>
    public void NextMerge(TimeSpan now)
    {
        _isWaitingForMerge = true;
        Decide(now);
    }

    /// <summary>How many others the final merge has mixed, and the names of those that it has not.</summary>
    public MergeResult MergeResult => new(_merge.Merged, _merge.Missing);

    private void DecideBootstrap()
    {
        if (!_isWaitingForBootstrap || _bootstrap.IsActive)
            return;
        _isWaitingForBootstrap = false;
        MessageHeader header = _bootstrap.Header;
        Decision = Decision.Nothing(_bootstrap.Reason);
        if (_bootstrap.TakeModel() is { } model)
        {
            Restore(header.Clock, (long)header.Round, Weight);
            Decision = new(UpdateOutcome.Averaged, _context.Peers.Find(header.Sender)?.Name, 1, header.Clock, header.Loss, model, null, null) { Round = header.Round };
        }

        Effects.Add(new(EffectKind.Decided));
    }

    private void DecideMerge(TimeSpan now)
    {
        if (!_isWaitingForMerge || (_merge.IsActive && !_merge.IsReady))
            return;
        _isWaitingForMerge = false;
        Decision = Decision.Nothing(reason: null);
        if (_merge.IsReady)
        {
            IPayload payload = _merge.Take(now, out MessageHeader header, out double factor);
            Decision = new(UpdateOutcome.Averaged, _context.Peers.Find(header.Sender)?.Name, factor, header.Clock, header.Loss, payload, null, null) { Codec = header.Codec, Round = header.Round };
        }

        Effects.Add(new(EffectKind.Decided));
    }
}
