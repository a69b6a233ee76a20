using Dpwa.Peers;
using Dpwa.Protocol;

namespace Dpwa.Exchange;

/// <summary>
/// The final merge: every node publishes its last parameters and takes those of every other, one after the other, so that all end with the same mean. A peer that still
/// trains is asked again; one that has left, or cannot be reached, is left out. It is over when there is nobody left to take from, and nobody who still has to
/// take from here; or at its deadline.
/// </summary>
internal sealed class MergeExchange(NodeContext node, Func<MessageHeader, Failure> judge)
{
    private const int MostFailures = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FetchExchange _fetch = new(node, selector: null, judge) { Lane = Link.MergeLane };
    private readonly List<Peer> _peers = [];
    private TimeSpan _deadline;
    private TimeSpan? _nextTry;
    private int _next;

    /// <summary>The fetch, to tell it what happens on its link.</summary>
    public FetchExchange Fetch => _fetch;

    /// <summary>How many have been merged with.</summary>
    public int Merged => _peers.Count(p => p.IsMerged);

    /// <summary>Who has not been merged with.</summary>
    public IReadOnlyList<string> Missing => [.. _peers.Where(p => !p.IsMerged).Select(p => node.Peers.Find(p.Id)?.Name).OfType<string>()];

    public bool IsActive { get; private set; }

    public TimeSpan? NextDeadline => !IsActive ? null : !_fetch.IsIdle && !_fetch.IsFinished ? _fetch.NextDeadline : _nextTry is { } next && next < _deadline ? next : _deadline;

    /// <summary>Whether a payload is here that has not been handed over.</summary>
    public bool IsReady => _fetch is { IsFinished: true, Payload: not null };

    public void Begin(TimeSpan now, TimeSpan wait)
    {
        (IsActive, _deadline, _next) = (true, now + wait, 0);
        _peers.Clear();
        foreach (DpwaNode other in node.Peers.Nodes)
            _peers.Add(new(MessageHeader.IdOf(other.Name)));
        Advance(now);
    }

    /// <summary>Goes on: takes note of how the last attempt ended, and tries the next. Called after every event.</summary>
    public void Advance(TimeSpan now)
    {
        if (!IsActive || IsReady)
            return;
        if (_fetch.IsFinished)
            Failed(now);
        if (!_fetch.IsIdle)
            return;
        if (now >= _deadline || !_peers.Exists(p => p.IsAwaited(node)))
        {
            IsActive = false;
            return;
        }

        if (!(now < _nextTry) && NextToAsk() is { } peer)
            _fetch.BeginWith(now, node.Peers.Record(peer.Id)!, wanted: 0, finalOnly: true);
        else if (!(now < _nextTry))
            _nextTry = now + Pause;
    }

    /// <summary>Hands over what came. Its share is one of as many as are merged then: mine, those before and this.</summary>
    public IPayload Take(TimeSpan now, out MessageHeader header, out double factor)
    {
        Current.IsMerged = true;
        header = _fetch.Header;
        factor = 1.0 / (Merged + 1);
        IPayload payload = _fetch.Take()!;
        _next++;
        Advance(now);
        return payload;
    }

    public void Abandon()
    {
        _fetch.Abandon();
        IsActive = false;
    }

    private Peer Current => _peers[_next % _peers.Count];

    private void Failed(TimeSpan now)
    {
        if (_fetch.Failure.Kind is not (FailureKind.NotReady or FailureKind.Busy) && ++Current.Failures >= MostFailures)
            Current.IsGivenUp = true;
        _fetch.Take();
        _next++;

        // Once around without success: the others still train.
        _nextTry = now + Pause / _peers.Count;
    }

    /// <summary>The next in turn that is still to be merged with.</summary>
    private Peer? NextToAsk()
    {
        for (int i = 0; i < _peers.Count; i++, _next++)
        {
            if (Current.IsWanted(node))
                return Current;
        }

        return null;
    }

    private sealed class Peer(ulong id)
    {
        public ulong Id => id;

        public bool IsMerged { get; set; }

        public bool IsGivenUp { get; set; }

        public int Failures { get; set; }

        public bool IsWanted(NodeContext node) => !IsMerged && !IsGone(node);

        /// <summary>It has not been taken from yet, or has not taken mine.</summary>
        public bool IsAwaited(NodeContext node) => !IsGone(node) && !(IsMerged && node.Peers.Record(id)!.HasFinal);

        private bool IsGone(NodeContext node) => IsGivenUp || node.Peers.Record(id) is null or { Left: true };
    }
}
