using Dpwa.Diagnostics;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Status;

namespace Dpwa.Runtime;

/// <content>How the node is.</content>
internal sealed partial class NodeRuntime
{
    private readonly DateTimeOffset _started;
    private readonly SketchCache _sketches;

    /// <summary>What the steps came to.</summary>
    public Journal Journal { get; }

    /// <summary>How this node is, without a sketch.</summary>
    /// <param name="after">The number of the last exchange that is known already.</param>
    public NodeStatus Status(ulong after)
    {
        lock (_gate)
            return Gather(after);
    }

    /// <summary>Of a subset there is no sketch: each snapshot has other parameters.</summary>
    private Message WithStatus(in Message answer)
    {
        bool canSketch = _options.Subset == 1;
        if (!canSketch)
            answer.Release();
        return answer with { Body = new StatusPayload(Gather(answer.Header.Sequence), canSketch ? (Snapshot?)answer.Body : null, _sketches) };
    }

    private NodeStatus Gather(ulong after)
    {
        Snapshot? published = _node.Published;
        var status = new NodeStatus
        {
            Name = _self.Name,
            Version = DpwaMeter.Version,
            Incarnation = (ulong)_started.UtcTicks,
            Process = Environment.ProcessId,
            Started = _started,
            Now = _time.GetUtcNow(),
            Clock = _node.Clock,
            Round = _node.Round,
            Weight = _node.Weight,
            Fingerprint = _node.Layout?.Fingerprint ?? 0,
            Elements = _node.Layout?.Elements ?? 0,
            SnapshotBytes = published?.Length ?? 0,
            PublishedRound = (long?)published?.Round,
            Peers = _node.Peers(Now),
        };
        return Journal.Complete(status, after);
    }
}
