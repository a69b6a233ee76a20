using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Exchange;

/// <summary>What the exchanges of one node share: who it is, what it has published, whom it knows, and where effects go.</summary>
internal sealed class NodeContext(string name, DpwaOptions options, Membership members, Random random, ulong incarnation)
{
    private const string RemovedPeer = "a removed peer";

    private ulong _lastRequest;

    public string Name => name;

    public ulong Id { get; } = MessageHeader.IdOf(name);

    public ulong Cluster { get; } = MessageHeader.IdOf(options.Cluster);

    public TimeSpan Timeout => options.Timeout;

    /// <summary>How long an exchange may take, and a snapshot be sent; a large model is given longer.</summary>
    public TimeSpan Deadline { get; private set; } = options.EffectiveDeadline;

    /// <summary>How this node asks for parameters.</summary>
    public PayloadCodec Codec => options.Codec;

    public TimeSpan? MaxStaleness => options.MaxStaleness;

    public TransportChoice Transport => options.Transport;

    public int MaxConnections => options.MaxConnections;

    public int MaxServes => options.MaxServes;

    public QuarantineOptions? Quarantine => options.Quarantine;

    public Random Random => random;

    public PeerTable Peers { get; } = new(members, MessageHeader.IdOf(name), random);

    public LinkTable Links { get; } = new();

    public List<Effect> Effects { get; } = [];

    /// <summary>The model; null until its layout is known.</summary>
    public ParameterLayout? Layout
    {
        get;
        set
        {
            field = value;
            Deadline = options.DeadlineFor(value?.PayloadLength ?? 0);
        }
    }

    public Snapshot? Published { get; set; }

    /// <summary>What is published and no difference has been taken to; null in the parameters form.</summary>
    public Snapshot? UnusedOwn { get; set; }

    /// <summary>Whether the trainer goes on without what is late.</summary>
    public bool SkipsLate => options.LateFetch == LateFetch.Skip;

    public double Clock { get; set; }

    public long Round { get; set; }

    /// <summary>The loss of the trainer that waits for the exchange to be decided; null while none does.</summary>
    public double? WaitingLoss { get; set; }

    /// <summary>What one exchange of this cluster does.</summary>
    public ExchangeKind Kind => options.Exchange;

    /// <summary>What this node has given out of hand.</summary>
    public Offers Offers { get; } = new() { Weight = 1.0 / Math.Max(1, members.Nodes.Length) };

    /// <summary>Whether what is published is the last of this run.</summary>
    public bool IsFinal { get; set; }

    /// <summary>What a peer has offered to this node.</summary>
    public IncomingExchange Incoming { get; set; } = null!;

    public bool IsWaiting => WaitingLoss is not null;

    public bool IsClosing { get; set; }

    /// <summary>My snapshot, for one difference only, and for none once it is in a swap.</summary>
    public Snapshot? TakeUnusedOwn()
    {
        Snapshot? own = UnusedOwn;
        UnusedOwn = null;
        return own?.Sequence == Offers.SwappedSequence ? null : own;
    }

    public ulong NextRequest() => ++_lastRequest;

    /// <summary>A peer's name, for whoever reads it.</summary>
    public string NameOf(ulong peer) => Peers.Find(peer)?.Name ?? RemovedPeer;

    /// <summary>A peer and where it is, for whoever reads it.</summary>
    public string Describe(ulong peer) => Peers.Find(peer)?.ToString() ?? RemovedPeer;

    /// <summary>A header that says who and how this node is now.</summary>
    public MessageHeader Header(MessageType type, ulong receiver, ulong request) => new()
    {
        Type = type,
        Cluster = Cluster,
        Sender = Id,
        Receiver = receiver,
        Incarnation = incarnation,
        Request = request,
        Clock = Clock,
        Loss = Published?.Loss ?? 0,
        Weight = options.Exchange == ExchangeKind.PushSum ? Offers.Weight : 1,
        Round = (ulong)Round,
        Fingerprint = Layout?.Fingerprint ?? 0,
    };

    public void Send(Link link, in Message message) => Effects.Add(new(EffectKind.Send) { Connection = link.Id, Message = message });

    /// <summary>Tells a peer what has become of its offer, if a link to it is open; else it will ask.</summary>
    public void SendReceipt(ulong peer, int lane, ulong offer, OfferFate fate) => SendReceipt(peer, lane, offer, fate, sequence: 0);

    /// <summary>Tells a peer that its snapshot <paramref name="sequence"/> has been taken, with the last piece that was asked for.</summary>
    public void SendReceiptOfPieces(ulong peer, int lane, ulong request, ulong sequence) => SendReceipt(peer, lane, request, OfferFate.Applied, sequence);

    private void SendReceipt(ulong peer, int lane, ulong request, OfferFate fate, ulong sequence)
    {
        if (Links.OutgoingTo(peer, lane) is { IsOpen: true } link)
            Send(link, new Message(Header(MessageType.Receipt, peer, request) with { Flags = (uint)fate, Sequence = sequence }, null));
    }

    public void Close(Link link, bool flush = false)
    {
        if (!link.IsOutgoing)
            Offers.UnpinFor(link.Peer);
        Links.Remove(link);
        Effects.Add(new(EffectKind.Close) { Connection = link.Id, Flush = flush });
    }

    /// <summary>An attempt on a peer failed: it is held against the peer, and told where it is news.</summary>
    /// <param name="now">The time.</param>
    /// <param name="peer">Which.</param>
    /// <param name="failure">How.</param>
    /// <param name="cost">How long the attempt took.</param>
    public void Failed(TimeSpan now, PeerRecord peer, in Failure failure, TimeSpan cost)
    {
        if (peer.Failed(now, failure, cost, Random))
            Report(ReportKind.PeerFailed, NameOf(peer.Id), failure);
        if (failure.IsBadPayload && peer.WasBad(now, Quarantine))
            ReportQuarantine(NameOf(peer.Id), failure);
    }

    /// <summary>A peer is left alone for what it sent.</summary>
    public void ReportQuarantine(string peer, in Failure last) =>
        Report(ReportKind.PeerQuarantined, peer, last with { Text = $"nothing is exchanged with it for {Quarantine!.Duration.TotalSeconds:0.###} s, after {last.Text}" });

    public void Report(ReportKind kind, string peer, in Failure failure, bool isNews = true) =>
        Effects.Add(new(EffectKind.Report) { Report = new(kind, peer, failure, isNews) });
}
