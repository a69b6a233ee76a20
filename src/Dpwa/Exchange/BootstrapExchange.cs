using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Exchange;

/// <summary>
/// How a node that joins late gets a model to begin with: from one donor, drawn at random, piece by piece of one snapshot. When the connection is cut it asks the same
/// donor for the piece that is missing; a donor that fails again and again, or that has another joiner, is left for the next, from the first piece on. It is over when all
/// pieces are there, when nobody has a model, or when none has come for as long as it may wait. Each piece renews that wait, and no donor may begin more than a few times: so it ends,
/// whatever they do.
/// </summary>
internal sealed class BootstrapExchange(NodeContext node)
{
    private const int MostFailures = 3;
    private const string HasLeft = "this node has left";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FetchExchange _fetch = new(node, selector: null, _ => default) { Lane = Link.BootstrapLane };
    private readonly List<Donor> _donors = [];
    private Donor? _donor;
    private Snapshot? _copy;
    private Snapshot? _model;
    private long _pieces;
    private MessageHeader _first;
    private TimeSpan _wait;
    private TimeSpan _deadline;
    private TimeSpan? _nextTry;

    /// <summary>The fetch, to tell it what happens on its link.</summary>
    public FetchExchange Fetch => _fetch;

    public bool IsActive { get; private set; }

    /// <summary>What came with it.</summary>
    public MessageHeader Header => _first;

    /// <summary>Why there is no model, in words.</summary>
    public string? Reason { get; private set; }

    public TimeSpan? NextDeadline => !IsActive ? null : (_fetch.NextDeadline ?? _nextTry) is { } next && next < _deadline ? next : _deadline;

    /// <summary>Begins.</summary>
    /// <param name="now">The time.</param>
    /// <param name="wait">How long without a new piece it may take.</param>
    public void Begin(TimeSpan now, TimeSpan wait)
    {
        Abandon();
        (IsActive, _wait, _deadline, _nextTry) = (true, wait, now + wait, null);
        Reason = node.Peers.Count == 0 ? "there is no peer" : "all peers are in quarantine";
        _donors.Clear();
        _donors.AddRange(node.Peers.Nodes.Select(peer => new Donor(MessageHeader.IdOf(peer.Name))).Where(d => !node.Peers.IsQuarantined(d.Id, now)));
        Advance(now);
    }

    /// <summary>Goes on: takes note of how the last attempt ended, and makes the next. Called after every event.</summary>
    public void Advance(TimeSpan now)
    {
        if (!IsActive)
            return;
        if (_fetch is { IsFinished: true, Payload: not null })
            ReceivedPiece(now);
        else if (_fetch.IsFinished)
            Failed(now);
        if (!IsActive)
            return;
        if (node.IsClosing)
        {
            Finish(HasLeft);
            return;
        }

        if (now >= _deadline)
        {
            Finish($"none was sent for {_wait.TotalSeconds:0.###} s: {(_fetch.IsIdle ? Reason : $"{node.Describe(_donor!.Id)} did not answer in time")}");
            return;
        }

        if (!_fetch.IsIdle)
            return;
        _donors.RemoveAll(d => d.IsGivenUp || node.Peers.Find(d.Id) is null);
        if (_donor is not null && !_donors.Contains(_donor))
            Drop();
        if (_donors.Count == 0)
        {
            Finish(Reason!);
            return;
        }

        if (now < _nextTry)
            return;
        _donor ??= _donors[node.Random.Next(_donors.Count)];
        _fetch.BeginPiece(now, node.Peers.Record(_donor.Id)!, _pieces, _copy is null ? 0 : _first.Sequence, _first.Incarnation);
    }

    /// <summary>Hands over the whole model, as the donor published it: every value is finite. Null when there is none.</summary>
    public IPayload? TakeModel()
    {
        Snapshot? model = _model;
        _model = null;
        return model;
    }

    public void Abandon()
    {
        _fetch.Abandon();
        TakeModel()?.Dispose();
        Drop();
        (IsActive, Reason) = (false, HasLeft);
    }

    private void ReceivedPiece(TimeSpan now)
    {
        MessageHeader header = _fetch.Header;
        using (IPayload piece = _fetch.Take()!)
        {
            if (_copy is null)
            {
                if (header.Round > WorkerState.MostRounds)
                {
                    GiveUp(now, $"its round is {header.Round:N0}");
                    return;
                }

                (_copy, _first) = (new Snapshot(node.Layout!), header);
            }

            // A piece lies in one segment on either side.
            piece.Segment(0).Span.CopyTo(_copy.Piece(_pieces * Donation.PieceBytes, piece.Length).Span);
        }

        _pieces++;
        _donor!.Failures = 0;
        (_deadline, _nextTry) = (now + _wait, null);
        if (_pieces < Donation.Pieces(_copy.Length))
            return;
        if (!IsFinite(_copy))
        {
            GiveUp(now, "not every value is finite");
            return;
        }

        _model = _copy.Lease();
        node.SendReceiptOfPieces(_donor.Id, Link.BootstrapLane, _fetch.LastRequest, _first.Sequence);
        Finish(reason: null);
    }

    private void Failed(TimeSpan now)
    {
        Failure failure = _fetch.Failure;
        _fetch.Take();
        Reason = failure.Text ?? "";
        switch (failure.Kind)
        {
            case FailureKind.Busy when _copy is not null && now < _deadline - _wait + node.Timeout:
                // It keeps what it has begun to give, and is asked again.
                break;
            case FailureKind.Busy or FailureKind.NotReady when _copy is not null:
                // It has its hands full for too long, or does not keep any more what the pieces that are here are of.
                _donor!.IsGivenUp = ++_donor.Lost >= MostFailures;
                Drop();
                break;
            case FailureKind.Busy:
                Drop();
                break;
            case FailureKind.Closed or FailureKind.Broken or FailureKind.TimedOut or FailureKind.Unreachable or FailureKind.Checksum:
                if (++_donor!.Failures >= MostFailures)
                    _donor.IsGivenUp = true;
                break;
            default:
                _donor!.IsGivenUp = true;
                break;
        }

        _nextTry = now + Pause;
    }

    /// <summary>A donor that sent what no node can begin with.</summary>
    private void GiveUp(TimeSpan now, string why)
    {
        var failure = new Failure(FailureKind.BadState, $"{node.Describe(_donor!.Id)} gave a model that cannot be begun with: {why}");
        if (node.Peers.Record(_donor.Id) is { } peer)
            node.Failed(now, peer, failure, cost: default);
        Reason = failure.Text;
        _donor.IsGivenUp = true;
        _nextTry = now + Pause;
    }

    private void Finish(string? reason)
    {
        (IsActive, Reason) = (false, reason);
        _fetch.Abandon();
        Drop();
        foreach (DpwaNode peer in node.Peers.Nodes)
        {
            if (node.Links.OutgoingTo(MessageHeader.IdOf(peer.Name), Link.BootstrapLane) is { } link)
                node.Close(link, flush: link.IsOpen);
        }
    }

    /// <summary>From the first piece on, and from any donor.</summary>
    private void Drop() => (_donor, _copy, _pieces) = (null, null, 0);

    private static bool IsFinite(Snapshot model)
    {
        for (int i = 0; i < model.Layout.Tensors.Length; i++)
        {
            TensorInfo tensor = model.Layout.Tensors[i];
            long end = model.Layout.Offset(i) + tensor.ByteLength;
            for (long at = model.Layout.Offset(i); at < end;)
            {
                ReadOnlySpan<byte> values = model.Piece(at, end - at).Span;
                if (!FiniteCopy.IsFinite(values, tensor.Type))
                    return false;
                at += values.Length;
            }
        }

        return true;
    }

    private sealed class Donor(ulong id)
    {
        public ulong Id => id;

        /// <summary>Failures since its last piece.</summary>
        public int Failures { get; set; }

        /// <summary>How often it began, and did not go on.</summary>
        public int Lost { get; set; }

        public bool IsGivenUp { get; set; }
    }
}
