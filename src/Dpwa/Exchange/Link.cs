using Dpwa.Protocol;

namespace Dpwa.Exchange;

/// <summary>A connection, as the state machines see it. Requests go out on links that this node opened; those that others opened are served.</summary>
internal sealed class Link(long id, bool outgoing, ulong peer, int lane = 0)
{
    /// <summary>Outgoing links to one peer are told apart: on this lane the node asks for what it wants by itself,</summary>
    public const int OwnLane = 0;

    /// <summary>and on this one for what the peer has offered, so that neither waits for the other nor ends with it.</summary>
    public const int IncomingLane = 1;

    /// <summary>Here it takes the last parameters of the others in a final merge; never through shared memory, so that these know who has taken theirs.</summary>
    public const int MergeLane = 2;

    /// <summary>Here it takes a model to begin with, piece by piece; never through shared memory either.</summary>
    public const int BootstrapLane = 3;

    public const int Lanes = 4;

    public long Id => id;

    public bool IsOutgoing => outgoing;

    public int Lane => lane;

    /// <summary>Whom it leads to; on an incoming link, the sender of its last message, 0 before any.</summary>
    public ulong Peer { get; set; } = peer;

    public bool IsOpen { get; set; } = !outgoing;

    /// <summary>Whether what is asked for on it may be read through shared memory.</summary>
    public bool MayMap => lane is OwnLane or IncomingLane;

    /// <summary>Whether the peer's snapshots are read through shared memory.</summary>
    public MapState Map { get; set; }

    /// <summary>Bytes moved, as the driver last reported them.</summary>
    public long Received { get; set; }

    public long Sent { get; set; }

    /// <summary>An answer is on its way out: until it has left, and in time, nothing else is served here.</summary>
    public bool IsServing => ServeDeadline is not null;

    public TimeSpan? ServeDeadline { get; set; }

    /// <summary>A request that came while the last answer was still leaving: who asked may have seen its last byte before this node knew that it
    /// had left. One is kept; more is a flood.</summary>
    public MessageHeader? Pending { get; set; }

    public long ServedBytes { get; set; }

    /// <summary>What is leaving is the last snapshot of this node, asked for as such.</summary>
    public bool ServesFinal { get; set; }

    public TimeSpan LastUsed { get; set; }

    /// <summary>Watches a message that is due on an incoming link, or an answer going out.</summary>
    public ProgressWatch Watch;
}

/// <summary>How a link stands with shared memory.</summary>
internal enum MapState : byte
{
    /// <summary>It cannot be had.</summary>
    Impossible,

    /// <summary>The peer may be on this host: to be asked for.</summary>
    Possible,

    /// <summary>Requests for parameters are answered from it, on the spot.</summary>
    Mapped,

    /// <summary>Mapped, but what was last read there was old. Memory does not tell a slow trainer from a process that was stopped, so before the next reading the
    /// peer has to answer a message.</summary>
    Doubtful,
}

/// <summary>The connections of a node.</summary>
internal sealed class LinkTable
{
    private readonly Dictionary<long, Link> _links = [];
    private readonly Dictionary<(ulong Peer, int Lane), Link> _outgoing = [];
    private long _lastId;

    /// <summary>As this type, so that a loop over it allocates nothing.</summary>
    public Dictionary<long, Link>.ValueCollection All => _links.Values;

    /// <summary>How many peers this node's parameters are being sent to.</summary>
    public int Serving
    {
        get
        {
            int serving = 0;
            foreach (Link link in _links.Values)
                serving += link is { IsServing: true, ServedBytes: > 0 } ? 1 : 0;
            return serving;
        }
    }

    public Link? Find(long id) => _links.GetValueOrDefault(id);

    public Link? OutgoingTo(ulong peer, int lane) => _outgoing.GetValueOrDefault((peer, lane));

    public Link Add(bool outgoing, ulong peer, int lane = Link.OwnLane)
    {
        var link = new Link(++_lastId, outgoing, peer, lane);
        _links.Add(link.Id, link);
        if (outgoing)
            _outgoing.Add((peer, lane), link);
        return link;
    }

    public void Remove(Link link)
    {
        _links.Remove(link.Id);
        if (link.IsOutgoing)
            _outgoing.Remove((link.Peer, link.Lane));
    }
}
