using Dpwa.Protocol;

namespace Dpwa.Exchange;

/// <summary>
/// Who may hold a connection to this node. Those on which no request has come yet are strangers, whoever they will turn out to be. There may be as many of them as of the others, and they are counted apart: no flood of
/// strangers closes a link on which parameters are exchanged.
/// </summary>
internal sealed class Admission(NodeContext node)
{
    /// <summary>Who connects because it wants something says so at once.</summary>
    private static readonly TimeSpan TimeToSpeak = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether one more stranger may come. When there are as many as may be, the one that has been silent for the longest makes room, if it has had the time to speak; else the new one is turned away, so that who
    /// connects the fastest does not keep all others from getting as far as a request.</summary>
    public bool TakesStranger(TimeSpan now)
    {
        (int strangers, Link? silent) = (0, null);
        foreach (Link link in node.Links.All)
        {
            if (link.IsOutgoing || link.Peer != 0)
                continue;
            strangers++;
            if (!link.IsServing && !(silent?.LastUsed <= link.LastUsed))
                silent = link;
        }

        if (strangers < node.MaxConnections)
            return true;
        if (silent is null || now - silent.LastUsed < TimeToSpeak)
            return false;
        node.Close(silent);
        return true;
    }

    /// <summary>Whether a stranger that has sent a request may stay. For it the link that has been idle for the longest is closed when there are too many, first of those that are no members'; a member's only for another
    /// member.</summary>
    public bool Admits(Link stranger, in MessageHeader request)
    {
        bool isMember = IsMember(request.Sender);
        (int others, Link? idle) = (0, null);
        foreach (Link link in node.Links.All)
        {
            if (link.IsOutgoing || link.Peer == 0 || link == stranger)
                continue;
            others++;
            if (!link.IsServing && (isMember || !IsMember(link.Peer)) && (idle is null || Idleness(link).CompareTo(Idleness(idle)) < 0))
                idle = link;
        }

        if (others < node.MaxConnections)
            return true;
        if (idle is null)
            return false;
        node.Close(idle);
        return true;

        // Who reads in shared memory says nothing and is not idle.
        (bool, bool, TimeSpan) Idleness(Link link) => (IsMember(link.Peer), link.Map == MapState.Mapped, link.LastUsed);
    }

    private bool IsMember(ulong id) => node.Peers.Find(id) is not null;
}
