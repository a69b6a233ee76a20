using Dpwa.Launch.Watch;

namespace Dpwa.Cli.Live;

/// <summary>What <c>dpwa status</c> and <c>dpwa top</c> show, for programs.</summary>
internal static class ViewJson
{
    public static object Of(ClusterView view, string config, IEnumerable<ClusterEvent>? events = null) => new
    {
        Config = config,
        view.At,
        Running = view.Running.Count(),
        view.ConsensusDistance,
        view.ClockSpread,
        view.MeanLoss,
        view.StepsPerSecond,
        view.SamplesPerSecond,
        Nodes = view.Nodes.Select(Of),
        Events = events?.Select(what => new { what.At, what.Node, what.IsBad, what.Text }),
    };

    private static object Of(NodeView node) => new
    {
        node.Node.Name,
        node.Node.Host,
        node.Node.Port,
        node.State,
        node.Since,
        node.AnsweredAt,
        node.Status?.Version,
        node.Status?.Process,
        Step = node.Status?.Round,
        node.Status?.Clock,
        node.Status?.Loss,
        node.StepsPerSecond,
        node.SamplesPerSecond,
        Exchanges = node.Status?.Averaged,
        node.Status?.Failed,
        node.BytesIn,
        node.BytesOut,
        node.BytesInPerSecond,
        node.BytesOutPerSecond,
        node.Score,
        node.Status?.BlockedSeconds,
        RoundTripSeconds = node.RoundTrip?.TotalSeconds,
        ClockOffsetSeconds = node.ClockOffset?.TotalSeconds,
        Failure = node.Failure?.Text,
        LastFailure = node.LastFailure is { } last ? new { last.At, Step = last.Round, last.Peer, last.Outcome, last.Reason } : null,
    };
}
