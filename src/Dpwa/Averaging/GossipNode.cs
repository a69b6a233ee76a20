using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Peers.Topologies;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Averaging;

/// <summary>
/// A worker as a state machine: (event, now) → effects. It has no sockets, threads, locks or clock of its own. <see cref="DpwaConnection"/>
/// drives it over a network, a simulator over virtual time. A driver calls one method at a time, then does what <see cref="Effects"/> says,
/// in order, and clears them; it calls <see cref="Tick"/> when <see cref="NextDeadline"/> is reached.
/// </summary>
public sealed partial class GossipNode
{
    private readonly NodeContext _context;
    private readonly FetchExchange _fetch;
    private readonly IncomingExchange _incoming;
    private readonly MergeExchange _merge;
    private readonly BootstrapExchange _bootstrap;
    private readonly FetchExchange[] _fetches;
    private readonly Server _server;
    private readonly IFactorMethod _method;
    private readonly double _fetchProbability;
    private readonly double _divergenceThreshold;
    private readonly ApplyForm _form;
    private readonly long _every;
    private readonly ISchedule? _schedule;
    private bool _factorFailed;
    private ulong _sequence;
    private double _clockBefore;

    /// <summary>A node that has done nothing yet.</summary>
    /// <param name="name">Its name in the cluster.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="members">The cluster; may be shared.</param>
    /// <param name="random">Its source of chance, its alone.</param>
    /// <param name="incarnation">Greater than 0 and different in each life of the node.</param>
    public GossipNode(string name, DpwaOptions options, Membership members, Random random, ulong incarnation)
    {
        ArgumentNullException.ThrowIfNull(options);
        _context = new NodeContext(name, options, members, random, incarnation);
        _method = FactorMethods.Create(options);
        _fetchProbability = options.FetchProbability;
        _divergenceThreshold = options.DivergenceThreshold;
        _form = options.Apply;
        _every = options.ExchangeEvery;
        _schedule = Schedules.Of(options);
        _fetch = new FetchExchange(_context, PeerSelectors.Create(options), JudgePeerLoss);
        _incoming = new IncomingExchange(_context, JudgePeerLoss);
        _context.Incoming = _incoming;
        _merge = new MergeExchange(_context, _ => default);
        _bootstrap = new BootstrapExchange(_context);
        _fetches = [_fetch, _incoming.Fetch, _merge.Fetch, _bootstrap.Fetch];
        _server = new Server(_context);
    }

    /// <summary>What the driver has to do since it last cleared this.</summary>
    public List<Effect> Effects => _context.Effects;

    /// <summary>The answer to <c>UpdateWait</c>, once an effect says that it is there.</summary>
    public Decision Decision { get; private set; }

    /// <summary>The node's clock: +1 at each publish, averaged with the peer's at each exchange.</summary>
    public double Clock => _context.Clock;

    /// <summary>The number of steps begun.</summary>
    public long Round => _context.Round;

    /// <summary>The number of the next step: the round of a snapshot that is written for it.</summary>
    public ulong NextRound => (ulong)Round + 1;

    /// <summary>Whether the next step publishes and exchanges, or is a local one (<c>exchange_every</c>).</summary>
    public bool ExchangesNext => (Round + 1) % _every == 0;

    /// <summary>The model; set before the first <see cref="UpdateSend"/> and then constant.</summary>
    public ParameterLayout? Layout
    {
        get => _context.Layout;
        set => _context.Layout = value;
    }

    /// <summary>The push-sum weight of this node's parameters; all nodes' begin with 1/N and sum up to 1 together with what is on its way.</summary>
    public double Weight => _context.Offers.Weight;

    /// <summary>The weight of what a peer has pushed and the next <see cref="UpdateWait"/> will mix.</summary>
    public double WaitingWeight => _incoming.WaitingWeight;

    /// <summary>Weight that left this node and whose fate it does not know.</summary>
    public IReadOnlyList<Limbo> InLimbo => _context.Offers.InLimbo;

    /// <summary>What is published; null before the first.</summary>
    public Snapshot? Published => _context.Published;

    /// <summary>When <see cref="Tick"/> is due at the latest; null when it is not.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            TimeSpan? next = Earlier(Earlier(ExchangeDeadline, _context.Offers.PinDeadline), _server.DonationDeadline);
            foreach (Link link in _context.Links.All)
                next = Earlier(Earlier(next, link.ServeDeadline), link.IsOutgoing ? null : link.Watch.Deadline);
            return next;
        }
    }

    /// <summary>When an exchange under way has its next deadline; null when none is.</summary>
    public TimeSpan? ExchangeDeadline => Earlier(Earlier(_fetch.NextDeadline, _incoming.NextDeadline), Earlier(_merge.NextDeadline, _bootstrap.NextDeadline));

    /// <summary>The other members.</summary>
    public IEnumerable<DpwaNode> Members => _context.Peers.Nodes;

    /// <summary>What the node knows of each peer.</summary>
    public IReadOnlyList<PeerStatus> Peers(TimeSpan now) => _context.Peers.Statuses(now);

    /// <summary>
    /// A step begins: clock + 1, publish, and with the configured probability start fetching from a peer, unless a fetch is under way. In a local step
    /// (<see cref="ExchangesNext"/>) only the clock moves.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="loss">My loss; it travels with the parameters.</param>
    /// <param name="snapshot">My parameters, written and finite; null when this step has nothing to publish, and the former stays, as in every local step.</param>
    /// <exception cref="ArgumentOutOfRangeException">The loss is used and is negative or not finite.</exception>
    public void UpdateSend(TimeSpan now, double loss, Snapshot? snapshot)
    {
        CheckLoss(loss);
        bool exchanges = ExchangesNext;
        _context.Clock++;
        _context.Round++;
        _context.IsFinal = false;
        if (snapshot is not null)
            Publish(now, loss, snapshot);

        // A push that failed after the last UpdateWait: nobody waits for that.
        if (_fetch is { IsFinished: true, Payload: null } && _context.Kind is ExchangeKind.Push or ExchangeKind.PushSum)
            _fetch.Take();
        if (exchanges && _fetch.IsIdle && !_context.IsClosing && IsMyTurn(now) && Happens(_fetchProbability))
            _fetch.Begin(now, _context.Kind);
    }

    /// <summary>The step's training is done: the exchange, if any, is decided now or as soon as it has finished. With <see cref="LateFetch.Skip"/> it is decided now in any case.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The loss is used and is negative or not finite.</exception>
    public void UpdateWait(TimeSpan now, double loss)
    {
        CheckLoss(loss);
        _context.WaitingLoss = loss;
        _fetch.Hurry(now);
        _incoming.Hurry(now);
        Decide(now);
    }

    /// <summary>My model has been replaced: what is late would be mixed as if it had been trained on.</summary>
    public void DropLate()
    {
        if (_fetch.IsLate)
            _fetch.Abandon();
    }

    /// <summary>The caller no longer waits. The exchange goes on; the next <see cref="UpdateWait"/> finds it. Gives whether there was still something to
    /// wait for; if not, it has been decided.</summary>
    public bool StopWaiting()
    {
        bool wasWaiting = _context.IsWaiting;
        _context.WaitingLoss = null;
        return wasWaiting;
    }

    /// <summary>A connection came in. Gives its id, or 0 when it must be closed at once.</summary>
    public long Accepted(TimeSpan now) => _server.Accepted(now)?.Id ?? 0;

    /// <summary>A connection that an effect asked for is open.</summary>
    /// <param name="now">The time.</param>
    /// <param name="connection">Which.</param>
    /// <param name="isSameHost">Whether the peer seems to be on this host, and a <see cref="EffectKind.Map"/> could be done.</param>
    public void Connected(TimeSpan now, long connection, bool isSameHost = false)
    {
        if (_context.Links.Find(connection) is not { } link)
            return;
        link.IsOpen = true;
        link.Map = isSameHost && link.MayMap && _context.Transport != TransportChoice.Tcp ? MapState.Possible : MapState.Impossible;
        Owner(link).Connected(now, link);
        Decide(now);
    }

    /// <summary>Whether the body that a header announces may be received. Asked when the header has come, before any memory is taken for the body.</summary>
    public Failure Admit(TimeSpan now, long connection, in MessageHeader header) =>
        _context.Links.Find(connection) is not { } link ? new(FailureKind.Closed, "the connection was closed")
        : link.IsOutgoing ? Owner(link).Admit(now, link, header)
        : Server.Admit(header);

    /// <summary>A message came, whole; its body, if any, has passed its checks and is taken over.</summary>
    public void Received(TimeSpan now, long connection, in MessageHeader header, IPayload? body)
    {
        if (_context.Links.Find(connection) is not { } link)
            body?.Dispose();
        else if (header.Type == MessageType.Goodbye && body is null)
            ReceivedGoodbye(now, link, header);
        else if (!link.IsOutgoing)
            _server.Received(now, link, header);
        else if (!Owner(link).Received(now, link, header, body))
        {
            body?.Dispose();
            Closed(now, connection, new(FailureKind.Protocol, $"{Describe(link)} sent a message that was not asked for"), abort: true);
        }

        Decide(now);
    }

    /// <summary>The shared memory that an effect described is open, or why it cannot be opened. Until the connection closes, a Fetch that is sent on it is
    /// answered from there at once.</summary>
    public void Mapped(TimeSpan now, long connection, string? problem)
    {
        if (_context.Links.Find(connection) is { IsOutgoing: true } link)
            Owner(link).Mapped(now, link, problem);
        Decide(now);
    }

    /// <summary>A message that an effect asked to send has left.</summary>
    public void Sent(TimeSpan now, long connection)
    {
        if (_context.Links.Find(connection) is { IsOutgoing: false } link)
            _server.Sent(now, link);
    }

    /// <summary>Some bytes of a header came, but not all of them.</summary>
    public void Partial(TimeSpan now, long connection)
    {
        if (_context.Links.Find(connection) is { IsOutgoing: false } link)
            _server.Partial(now, link);
    }

    /// <summary>How many bytes a connection has moved in all. The driver reports it before it calls <see cref="Tick"/>.</summary>
    public void Progress(long connection, long received, long sent)
    {
        if (_context.Links.Find(connection) is { } link)
            (link.Received, link.Sent) = (received, sent);
    }

    /// <summary>A connection ended, could not be made, or brought something unusable.</summary>
    /// <param name="now">The time.</param>
    /// <param name="connection">Which.</param>
    /// <param name="failure">Why.</param>
    /// <param name="abort">Whether the driver still has to close it.</param>
    public void Closed(TimeSpan now, long connection, in Failure failure, bool abort = false)
    {
        if (_context.Links.Find(connection) is not { } link)
            return;
        if (abort)
            _context.Close(link);
        else
            _context.Links.Remove(link);
        if (link.IsOutgoing)
            Owner(link).LinkClosed(now, link, failure);
        else
            _server.Closed(link, failure);
        Decide(now);
    }

    /// <summary>Time has passed.</summary>
    public void Tick(TimeSpan now)
    {
        foreach (FetchExchange fetch in _fetches)
            fetch.Tick(now);
        _server.Tick(now);
        if (now >= _context.Offers.PinDeadline)
            _context.Offers.Unpin();
        List<Link>? due = null;
        foreach (Link link in _context.Links.All)
        {
            if (!link.IsOutgoing && (now >= link.ServeDeadline || now >= link.Watch.Deadline))
                (due ??= []).Add(link);
        }

        foreach (Link link in due ?? [])
            _server.Tick(now, link);
        Decide(now);
    }

    /// <summary>Adds a member, or changes the address of one.</summary>
    public void AddPeer(TimeSpan now, DpwaNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        ulong id = MessageHeader.IdOf(node.Name);
        if (_context.Peers.Find(id) is { } known && known != node)
            RemovePeer(now, node.Name);
        _context.Peers.Add(node);
    }

    /// <summary>Removes a member. Gives whether it was one.</summary>
    public bool RemovePeer(TimeSpan now, string name)
    {
        ulong id = MessageHeader.IdOf(name);
        if (!_context.Peers.Remove(name))
            return false;
        for (int lane = 0; lane < Link.Lanes; lane++)
        {
            if (_context.Links.OutgoingTo(id, lane) is { } link)
                _context.Close(link);
        }

        foreach (FetchExchange fetch in _fetches)
            fetch.Removed(id, now);
        Decide(now);
        return true;
    }

    /// <summary>The node leaves: it says goodbye on every connection so that others stop asking, and starts nothing more.</summary>
    public void Close(TimeSpan now)
    {
        _context.IsClosing = true;
        foreach (Link link in _context.Links.All.ToArray())
        {
            if (link.IsOpen)
                _context.Send(link, new Message(_context.Header(MessageType.Goodbye, link.Peer, _context.NextRequest()), null));
            _context.Close(link, flush: link.IsOpen);
        }

        _fetch.Abandon();
        _incoming.Abandon();
        _merge.Abandon();
        _bootstrap.Abandon();
        _server.Close();
        _context.Offers.Unpin();
        Decide(now);
    }

    private void ReceivedGoodbye(TimeSpan now, Link link, in MessageHeader header)
    {
        _context.Close(link);
        bool isTheirs = header.Cluster == _context.Cluster && (link.Peer == 0 || link.Peer == header.Sender);
        if (!isTheirs || _context.Peers.Record(header.Sender) is not { } peer)
        {
            if (link.IsOutgoing)
                Owner(link).LinkClosed(now, link, new(FailureKind.OtherNode, $"another node said goodbye at the address of {Describe(link)}"));
            return;
        }

        string name = _context.Peers.Find(header.Sender)!.Name;
        if (!peer.Left)
            _context.Report(ReportKind.PeerLeft, name, default);
        if (link.IsOutgoing)
            Owner(link).LinkClosed(now, link, new(FailureKind.Leaving, $"{name} has left"));
        peer.SaidGoodbye(now, _context.Random);
        for (int lane = 0; lane < Link.Lanes; lane++)
        {
            if (_context.Links.OutgoingTo(header.Sender, lane) is { IsOpen: true } other && Owner(other).Peer?.Id != header.Sender)
                _context.Close(other);
        }
    }

    private void Publish(TimeSpan now, double loss, Snapshot snapshot)
    {
        snapshot.Sequence = ++_sequence;
        snapshot.Clock = _context.Clock;
        snapshot.Loss = loss;
        snapshot.PublishedAt = now;
        _context.Published = snapshot;
        _context.Offers.IsCurrent = true;
        _context.UnusedOwn = _form == ApplyForm.Delta ? snapshot : null;
    }

    /// <summary>Whether the topology has this node begin an exchange now. Of a pair that swaps one asks; should it be down, the other looks elsewhere.</summary>
    private bool IsMyTurn(TimeSpan now)
    {
        Turn turn = _context.Peers.Turn(_schedule, Round / _every);
        return turn.Kind switch
        {
            TurnKind.Idle => false,
            TurnKind.Answer when _context.Kind == ExchangeKind.Swap => !_context.Peers.MayAsk(turn.Partner, now),
            _ => true,
        };
    }

    private string Describe(Link link) => _context.Describe(link.Peer);

    /// <summary>Whose link it is.</summary>
    private FetchExchange Owner(Link link) => _fetches[link.Lane];

    /// <summary>Losses are judged only where they are used.</summary>
    private bool LossIsUsed => _method.UsesLoss || _divergenceThreshold > 0;

    private bool Happens(double probability) => probability >= 1 || _context.Random.NextDouble() < probability;

    private static TimeSpan? Earlier(TimeSpan? a, TimeSpan? b) => a is null || b < a ? b ?? a : a;
}
