namespace Dpwa.Peers;

/// <summary>Chooses whom to fetch from.</summary>
public interface IPeerSelector
{
    /// <summary>The name that <c>selector</c> gives in a configuration.</summary>
    string Name { get; }

    /// <summary>
    /// The index of the chosen peer, or −1 when no peer may be asked. A result that is not eligible counts as −1. Must be pure and fast:
    /// it runs in the node's state machine; all chance comes from <see cref="IPeerCandidates.Random"/>.
    /// </summary>
    int Select(IPeerCandidates candidates);
}

/// <summary>The peers at the moment of a draw: the members without this node.</summary>
public interface IPeerCandidates
{
    /// <summary>The number of peers; indices run from 0 to one less.</summary>
    int Count { get; }

    /// <summary>The number of steps that this node has begun.</summary>
    long Round { get; }

    /// <summary>The source of chance.</summary>
    Random Random { get; }

    /// <summary>The name of a peer.</summary>
    string Name(int index);

    /// <summary>The index of the peer whose name has this <see cref="Protocol.MessageHeader.IdOf"/>, or −1.</summary>
    int IndexOf(ulong id);

    /// <summary>The number of all members, this node included, in the order that every node knows them in.</summary>
    int MemberCount { get; }

    /// <summary>This node's own index among the members; −1 when it is none of them.</summary>
    int Self { get; }

    /// <summary>The name of a member.</summary>
    string MemberName(int member);

    /// <summary>The index of a member as a peer, or −1 when it is this node.</summary>
    int PeerAt(int member);

    /// <summary>Whether the peer may be asked now: not backing off, not gone, not already tried in this exchange.</summary>
    bool IsEligible(int index);

    /// <summary>The flow-control score of a peer, in [10, 1000].</summary>
    double Score(int index);

    /// <summary>The draw of the built-in selector, among the eligible: the largest score + uniform[10, 1000], or −1 when none is. A selector with
    /// a schedule of its own falls back to it.</summary>
    int DrawByScore();
}
