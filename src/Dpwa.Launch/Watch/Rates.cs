namespace Dpwa.Launch.Watch;

/// <summary>How fast a node goes, by its answers: over the last three seconds or more, as many as four steps take, so that a node with long steps is no flickering figure, and a minute at most.</summary>
internal sealed class Rates
{
    private const int Steps = 4;
    private const double FirstSeconds = 1;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Queue<(TimeSpan At, NodeStatus Status)> _answers = [];

    /// <summary>Adds an answer to a view, with the rates up to it.</summary>
    /// <param name="view">The view, with the status.</param>
    /// <param name="at">When it came, on a clock that nobody sets.</param>
    public NodeView Apply(NodeView view, TimeSpan at)
    {
        NodeStatus status = view.Status!;
        // Another life counts anew; the sketch is not needed any more.
        if (_answers.TryPeek(out var oldest) && oldest.Status.Incarnation != status.Incarnation) _answers.Clear();
        while (_answers.TryPeek(out oldest) && at - oldest.At > Longest) _answers.Dequeue();
        var before = _answers.Reverse().FirstOrDefault(answer => at - answer.At >= Shortest && status.Round - answer.Status.Round >= Steps, oldest);
        _answers.Enqueue((at, status with { Sketch = [], Exchanges = [] }));
        double seconds = (at - before.At).TotalSeconds;
        return before.Status is null || seconds <= 0 ? ByExchanges(view) : view with
        {
            StepsPerSecond = PerSecond(node => node.Round),
            SamplesPerSecond = status.Samples is null ? null : PerSecond(node => node.Samples ?? 0),
            BytesInPerSecond = PerSecond(node => node.Peers.Sum(peer => peer.BytesReceived)),
            BytesOutPerSecond = PerSecond(node => node.Peers.Sum(peer => peer.BytesSent)),
        };

        double PerSecond(Func<NodeStatus, long> of) => Math.Max(0, of(status) - of(before.Status)) / seconds;
    }

    /// <summary>What the first answer tells: when the node exchanged last, and in which steps; and how many samples a step has had.</summary>
    private static NodeView ByExchanges(NodeView view)
    {
        NodeStatus status = view.Status!;
        if (status.Exchanges.Count == 0) return view;
        var from = status.Exchanges.FirstOrDefault(exchange => status.Now - exchange.At <= Longest, status.Exchanges[^1]);
        var seconds = (status.Now - from.At).TotalSeconds;
        // Of the first steps of a run, a few milliseconds, a rate would be anything.
        if (seconds < FirstSeconds || status.Round - from.Round < Steps) return view;
        var steps = (status.Round - from.Round) / seconds;
        return view with { StepsPerSecond = steps, SamplesPerSecond = status.Samples * steps / status.Outcomes.Sum() };
    }
}
