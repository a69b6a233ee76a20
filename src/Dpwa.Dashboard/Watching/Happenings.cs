using Dpwa.Dashboard.Storage;
using Dpwa.Launch.Watch;

namespace Dpwa.Dashboard.Watching;

/// <summary>What happened between two rounds of questions, for the event log: a line when something begins and one when it is over, not one a round.</summary>
internal sealed class Happenings(int nodes)
{
    private readonly NodeStanding[] _standing = new NodeStanding[nodes];
    private readonly ulong[] _life = new ulong[nodes];
    private readonly Dictionary<(int Node, string Peer), int> _failing = [];

    /// <summary>How a node stands after what a round found.</summary>
    public NodeStanding Standing(int node, NodeView view) => view.State switch
    {
        WatchState.Running => NodeStanding.Running,
        _ when _standing[node] == NodeStanding.Waiting => NodeStanding.Waiting,
        WatchState.Left => NodeStanding.Left,
        _ => NodeStanding.Silent,
    };

    /// <summary>The lines of one node.</summary>
    public IEnumerable<(EventKind Kind, string Text)> Of(int node, NodeView view, NodeStanding now)
    {
        NodeStanding before = _standing[node];
        _standing[node] = now;
        if (now == NodeStanding.Running)
        {
            ulong life = view.Status!.Incarnation;
            bool isKnown = _life[node] == life;
            bool isFirst = _life[node] == 0;
            _life[node] = life;
            if (!isKnown)
                yield return (EventKind.Started, isFirst ? $"runs, at step {view.Status.Round}" : $"was started again, at step {view.Status.Round}");
            else if (before != NodeStanding.Running)
                yield return (EventKind.Recovered, "answers again");
        }
        else if (now != before)
        {
            yield return now == NodeStanding.Left ? (EventKind.Left, "has left") : (EventKind.Silent, $"does not answer: {view.Failure?.Text ?? "no reason is known"}");
        }
    }

    /// <summary>The lines of the exchanges of one node.</summary>
    public IEnumerable<(EventKind Kind, string Text)> Of(int node, ExchangeRecord exchange)
    {
        string peer = exchange.Peer ?? "";
        bool averaged = exchange.Outcome == UpdateOutcome.Averaged;
        int failures = _failing.GetValueOrDefault((node, peer));
        if (!averaged)
        {
            _failing[(node, peer)] = failures + 1;
            if (failures == 0)
                yield return (EventKind.Failing, $"{(peer.Length == 0 ? "finds no peer" : $"cannot average with {peer}")}: {exchange.Reason ?? exchange.Outcome.ToString()}");
            yield break;
        }

        if (failures > 0 && _failing.Remove((node, peer)))
            yield return (EventKind.Recovered, $"averages with {peer} again, after {Times(failures)}");
        // Whoever it was, one has been found.
        if (_failing.Remove((node, ""), out int alone))
            yield return (EventKind.Recovered, $"has found a peer again, after {Times(alone)}");
    }

    private static string Times(int failures) => failures == 1 ? "one failure" : $"{failures} failures";
}
