using System.Text;
using Dpwa.Codecs;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Exchange;

/// <summary>
/// One exchange, as the node that asks sees it: draw a peer, connect unless a link is open, offer if the method does, ask, take what comes. When a peer fails, another
/// is tried until none is left or the exchange's deadline has passed; without a selector only the one that was given. A state machine: events in, effects out.
/// </summary>
internal sealed partial class FetchExchange(NodeContext node, IPeerSelector? selector, Func<MessageHeader, Failure> judge)
{
    private const long MaxRefusalText = 4 * 1024;
    private const long LayoutSlack = 64 * 1024;
    private const string NobodyNow = "no peer may be asked now: all are down or waiting to be retried";

    private Phase _phase;
    private ulong _exchange;
    private PeerRecord? _peer;
    private Link? _link;
    private bool _linkWasIdle;
    private bool _isDrawing;
    private Failure _lastFailure;
    private bool _drawAgain;
    private ulong _request;
    private long _receivedBefore;
    private ulong _theirFingerprint;
    private ExchangeKind _kind;
    private ulong _wanted;
    private ulong _wantedFrom;
    private bool _offered;
    private bool _accepted;
    private bool _finalOnly;
    private long? _piece;
    private ulong _offerRequest;
    private Snapshot? _own;

    private enum Phase
    {
        Idle,
        Connecting,
        Settling,
        Offering,
        Mapping,
        Ready,
        Fetching,
        Diagnosing,
        Finished,
    }

    /// <summary>Which of the links to a peer it uses.</summary>
    public int Lane { get; init; }

    /// <summary>Whether the trainer has to wait for it: there is, or may be, something to mix. Who pushes only gives.</summary>
    public bool IsAwaited => !IsIdle && (_kind is ExchangeKind.Pull or ExchangeKind.Swap || IsFinished);

    /// <summary>Being read in shared memory: it is there at once.</summary>
    public bool IsReading => _phase == Phase.Fetching && _link is { Map: MapState.Mapped };

    /// <summary>Whether the trainer has gone on without it.</summary>
    public bool IsLate { get; set; }

    public bool IsIdle => _phase == Phase.Idle;

    public bool IsFinished => _phase == Phase.Finished;

    /// <summary>The last peer tried; null when none was.</summary>
    public PeerRecord? Peer => _peer;

    /// <summary>Why the last attempt failed; of no kind after success.</summary>
    public Failure Failure { get; private set; }

    /// <summary>How long it took from the request to the last verified byte.</summary>
    public TimeSpan Transfer { get; private set; }

    /// <summary>The header that came with <see cref="Payload"/>.</summary>
    public MessageHeader Header { get; private set; }

    /// <summary>The request that was answered, or was to be.</summary>
    public ulong LastRequest => _request;

    /// <summary>What came, leased, complete and verified; null after a failure.</summary>
    public IPayload? Payload { get; private set; }

    public void Begin(TimeSpan now, ExchangeKind kind)
    {
        Reset(now, kind, wanted: 0);
        _peer = null;
        TryNextPeer(now);
    }

    /// <summary>Fetches one peer's parameters; <paramref name="wanted"/> is the snapshot's sequence, 0 for the newest.</summary>
    /// <param name="now">The time.</param>
    /// <param name="peer">Whose.</param>
    /// <param name="wanted">Which.</param>
    /// <param name="finalOnly">Only the last of the peer's run; while it trains it refuses, which is no failure.</param>
    /// <param name="from">In which life of the peer.</param>
    public void BeginWith(TimeSpan now, PeerRecord peer, ulong wanted, bool finalOnly = false, ulong from = 0)
    {
        Reset(now, ExchangeKind.Pull, wanted);
        _wantedFrom = from;
        _finalOnly = finalOnly;
        StartWith(now, peer);
    }

    /// <summary>Fetches one piece of a peer's parameters, as a node does that has none to begin with.</summary>
    /// <param name="now">The time.</param>
    /// <param name="peer">Whose.</param>
    /// <param name="piece">Which piece, from 0.</param>
    /// <param name="wanted">Of which snapshot; 0 for the newest.</param>
    /// <param name="from">In which life of the peer.</param>
    public void BeginPiece(TimeSpan now, PeerRecord peer, long piece, ulong wanted, ulong from)
    {
        Reset(now, ExchangeKind.Pull, wanted);
        (_wantedFrom, _piece) = (from, piece);
        StartWith(now, peer);
    }

    private void StartWith(TimeSpan now, PeerRecord peer)
    {
        _peer = peer;
        _attemptStart = now;
        Start(now, peer);
    }

    private void Reset(TimeSpan now, ExchangeKind kind, ulong wanted)
    {
        TakeOwn();
        IsLate = false;
        (_kind, _wanted, _wantedFrom, _offered, _accepted, _piece) = (kind, wanted, 0, false, false, null);
        _exchange++;
        _deadline = now + node.Deadline;
        Failure = default;
    }

    /// <summary>The trainer waits. What is read through shared memory is asked for only now: it is the newest then, and held no longer than it is mixed.</summary>
    public void Hurry(TimeSpan now)
    {
        if (_phase != Phase.Ready)
            return;
        Resume(now);
        Request(now, MessageType.Fetch, Phase.Fetching);
    }

    /// <summary>Hands over what came and is ready for the next.</summary>
    public IPayload? Take()
    {
        IPayload? payload = Payload;
        Payload = null;
        _phase = Phase.Idle;
        return payload;
    }

    /// <summary>Stops whatever is under way.</summary>
    public void Abandon()
    {
        if (_link is not null && !IsIdle && !IsFinished && _phase != Phase.Ready)
            node.Close(_link);
        _link = null;
        EndOffer(refused: false);
        Take()?.Dispose();
        TakeOwn();
    }

    /// <summary>The member is gone: whatever was under way with it is not waited for.</summary>
    public void Removed(ulong peer, TimeSpan now)
    {
        if (_peer?.Id != peer || IsIdle || IsFinished)
            return;
        Failure = new(FailureKind.Leaving, "the peer that was asked has been removed here, by RemovePeer");
        EndSwap(Failure);
        EndOffer(refused: false);
        _link = null;
        Resume(now);
        TryNextPeer(now);
    }

    public void Connected(TimeSpan now, Link link)
    {
        if (link == _link && _phase == Phase.Connecting)
            Ask(now);
    }

    /// <summary>A message came on an outgoing link. Gives whether it was due; the body is then taken over.</summary>
    public bool Received(TimeSpan now, Link link, in MessageHeader header, IPayload? body)
    {
        if (link != _link || header.Request != _request || _phase is Phase.Idle or Phase.Connecting or Phase.Ready or Phase.Finished)
            return false;
        Answered(now, (long)header.BodyLength);
        switch (header.Type)
        {
            case MessageType.Snapshot when _phase == Phase.Fetching && body is not null:
                ReceivedSnapshot(now, link, header, body);
                return true;
            case MessageType.Piece when _phase == Phase.Fetching && _piece is not null && body is not null:
                ReceivedPiece(now, header, body);
                return true;
            case MessageType.Map when _phase == Phase.Mapping && body is not null:
                node.Effects.Add(new(EffectKind.Map) { Connection = link.Id, Message = new(header, body) });
                return true;
            case MessageType.Layout when _phase == Phase.Diagnosing && body is not null:
                ReceivedLayout(now, body);
                return true;
            case MessageType.Accepted when _phase == Phase.Offering && body is null:
                ReceivedAccepted(now, header);
                return true;
            case MessageType.Receipt when _phase == Phase.Settling && body is null:
                ReceivedFate(now, header);
                return true;
            case MessageType.Refusal:
                ReceivedRefusal(now, header, body);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The peer's memory has been opened, or cannot be: then its parameters come over the link.</summary>
    public void Mapped(TimeSpan now, Link link, string? problem)
    {
        link.Map = problem is null ? MapState.Mapped : MapState.Impossible;
        if (link != _link || _phase != Phase.Mapping)
            return;
        if (problem is not null && node.Transport == TransportChoice.SharedMemory)
            Fail(now, new(FailureKind.NotShared, $"{Describe()} cannot be read through shared memory: {problem}"));
        else
            Ask(now);
    }

    /// <summary>A link closed. One that had been idle may have died while nobody looked: the same peer is asked again on a fresh one.</summary>
    public void LinkClosed(TimeSpan now, Link link, in Failure failure)
    {
        if (link != _link || IsIdle || IsFinished)
            return;
        Resume(now);
        _link = null;
        if (_phase == Phase.Offering && _kind != ExchangeKind.PushSum)
        {
            // It may have been taken up: never twice. With weight it is asked for.
            Fail(now, failure);
            return;
        }

        if (_phase == Phase.Offering)
            EndOffer(refused: false);
        if (_linkWasIdle && failure.Kind == FailureKind.Closed && link.Received == _receivedBefore)
            Start(now, _peer!);
        else
            Fail(now, failure);
    }

    /// <summary>Draws until an attempt is under way or no peer is left. An attempt may fail while it is started; then the loop goes on, and the stack stays.</summary>
    private void TryNextPeer(TimeSpan now)
    {
        _drawAgain = true;
        if (_isDrawing)
            return;
        _isDrawing = true;
        try
        {
            while (_drawAgain)
            {
                _drawAgain = false;
                TryOnePeer(now);
            }
        }
        finally
        {
            _isDrawing = false;
        }
    }

    private void TryOnePeer(TimeSpan now)
    {
        string none = "the exchange deadline had passed before a peer could be asked; raise 'exchange_deadline_ms'";
        PeerRecord? next = now < _deadline && selector is not null ? Draw(now, selector, out none) : null;
        if (next is null)
        {
            _phase = Phase.Finished;
            _link = null;
            TakeOwn();
            if (_peer is null)
                Failure = new(FailureKind.None, none);
            return;
        }

        _peer = next;
        _attemptStart = now;
        next.TriedIn = _exchange;
        Start(now, next);
    }

    /// <summary>A custom selector is somebody's code: what it throws costs this exchange, not the node.</summary>
    private PeerRecord? Draw(TimeSpan now, IPeerSelector selector, out string none)
    {
        try
        {
            none = node.Peers.Count == 0
                ? "there is no peer: this worker is alone in its configuration; name the others under 'nodes', or add them by AddPeer"
                : _lastFailure.Text is null ? NobodyNow : $"{NobodyNow}; the last that failed: {_lastFailure.Sentence}";
            return (_kind == ExchangeKind.PushSum ? Unsettled(now) : null) ?? node.Peers.Draw(selector, now, _exchange, node.Round);
        }
        catch (Exception e)
        {
            none = $"peer selector '{selector.Name}' failed: {e.Message}; the selector is to be mended, and until then no peer is asked";
            return null;
        }
    }

    private void Start(TimeSpan now, PeerRecord peer)
    {
        _link = node.Links.OutgoingTo(peer.Id, Lane);
        _linkWasIdle = _link is not null;
        if (_link is null)
        {
            _link = node.Links.Add(outgoing: true, peer.Id, Lane);
            _phase = Phase.Connecting;
            _hasAnswer = false;
            Watch(now, peer.Pace.Connection(node.Timeout));
            node.Effects.Add(new(EffectKind.Connect) { Connection = _link.Id, Node = node.Peers.Find(peer.Id) });
        }
        else
        {
            Ask(now);
        }
    }

    private void Ask(TimeSpan now)
    {
        if (_kind == ExchangeKind.PushSum && node.Offers.UnsettledWith(_peer!.Id) is { } unsettled)
            Request(now, MessageType.Settle, Phase.Settling, sequence: unsettled);
        else if (_kind == ExchangeKind.PushSum && _peer!.Incarnation == 0)
            Greet(now);
        else if (_kind is not ExchangeKind.Pull && !_offered)
            Offer(now);
        else
            AskForSnapshot(now);
    }

    /// <summary>The peer is well and has its hands full, which is no failure: nothing is held against it. What it had agreed to before is over.</summary>
    private void LookElsewhere(TimeSpan now, string why, FailureKind kind = FailureKind.Busy)
    {
        Failure = new(kind, why);
        EndSwap(Failure);
        EndOffer(refused: false);
        _link = null;
        TryNextPeer(now);
    }

    private void Finish(in Failure failure)
    {
        Failure = failure;
        _link = null;
        _phase = failure.Text is null ? Phase.Idle : Phase.Finished;
    }

    private void AskForSnapshot(TimeSpan now)
    {
        if (_piece is { } piece)
            Request(now, MessageType.PieceRequest, Phase.Fetching, sequence: _wanted, flags: (uint)piece);
        else if (_link!.Map is MapState.Possible or MapState.Doubtful)
            Request(now, MessageType.MapRequest, Phase.Mapping);
        else if (_link.Map == MapState.Impossible && _link.MayMap && node.Transport == TransportChoice.SharedMemory)
            Fail(now, new(FailureKind.NotShared, $"{Describe()} is not on this host, or shares no memory"), keepLink: true);
        else if (_link.Map == MapState.Mapped && !node.IsWaiting && _wanted == 0)
            GetReady();
        else
            Request(now, MessageType.Fetch, Phase.Fetching, sequence: _wanted, flags: _finalOnly ? MessageHeader.FinalOnly : 0);
    }

    /// <summary>Everything is there but the snapshot, which is read when the trainer waits. Until then a link that dies is one that was idle.</summary>
    private void GetReady()
    {
        _phase = Phase.Ready;
        _linkWasIdle = true;
        _receivedBefore = _link!.Received;
    }

    private void Request(TimeSpan now, MessageType type, Phase phase, ulong sequence = 0, uint flags = 0, ulong? request = null, double weight = 1)
    {
        _phase = phase;
        _request = request ?? node.NextRequest();
        if (type == MessageType.Offer)
            _offerRequest = _request;
        if (type == MessageType.Fetch)
            KeepOwn();
        (_requestedAt, _hasAnswer) = (now, false);
        _receivedBefore = _link!.Received;
        Watch(now, _peer!.Pace.Answer(node.Timeout));
        MessageHeader header = node.Header(type, _peer!.Id, _request) with
        {
            Codec = type == MessageType.Fetch ? node.Codec : PayloadCodec.Native,
            Sequence = sequence,
            Flags = flags,
            Weight = weight,
        };
        node.Send(_link, new Message(header, null));
    }

    private void Succeed(long bytes)
    {
        Failure before = _peer!.LastFailure;
        if (_peer.Succeeded(_requestedAt, bytes))
            node.Report(ReportKind.PeerRecovered, node.NameOf(_peer.Id), before);
    }

    private void Fail(TimeSpan now, in Failure failure, bool keepLink = false)
    {
        Failure = _lastFailure = failure;
        EndSwap(failure);
        EndOffer(refused: false);
        if (_link is not null && !keepLink)
            node.Close(_link);
        _link = null;
        node.Failed(now, _peer!, failure, cost: now - _attemptStart);
        TryNextPeer(now);
    }

    private string Describe() => node.Describe(_peer!.Id);
}
