using Dpwa.Dashboard.Storage;
using Dpwa.Launch.Watch;

namespace Dpwa.Dashboard.Watching;

/// <summary>
/// Makes of each round of questions what the page is told, and keeps it. A run goes on as long as some node of it is alive, however often others are started again; and over the end of a dashboard, too.
/// </summary>
/// <param name="store">Where it is kept.</param>
/// <param name="title">What runs are called: the configuration.</param>
/// <param name="nodes">The nodes' names, in the order of the views.</param>
public sealed class RunRecorder(RunStore store, string title, IReadOnlyList<string> nodes)
{
    // More edges than this cannot be told apart in a second.
    private const int MostExchanges = 300;

    private readonly Dictionary<string, int> _places = nodes.Select((name, place) => (name, place)).ToDictionary(node => node.name, node => node.place, StringComparer.Ordinal);
    private NodeLife?[] _lives = new NodeLife?[nodes.Count];
    private Happenings _happenings = new(nodes.Count);
    private DateTimeOffset _started;
    private long? _run;
    private bool _hasLooked;

    /// <summary>Keeps a round.</summary>
    /// <returns>What the page is told of it.</returns>
    public Tick Add(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        // To the millisecond, as it is kept: what is told and what is read later is the same.
        view = view with { At = DateTimeOffset.FromUnixTimeMilliseconds(view.At.ToUnixTimeMilliseconds()) };
        Choose(view);
        double t = _run is null ? 0 : Math.Max(0, (view.At - _started).TotalSeconds);
        var ticks = new List<NodeTick>(nodes.Count);
        var exchanges = new List<ExchangeTick>();
        var events = new List<RunEvent>();
        (int averaged, int failed) = (0, 0);
        for (int i = 0; i < nodes.Count; i++)
        {
            NodeView node = view.Nodes[i];
            NodeStanding standing = _happenings.Standing(i, node);
            ticks.Add(Describe(node, standing));
            Say(i, _happenings.Of(i, node, standing), view.At);
            foreach (ExchangeRecord exchange in News(i, node))
            {
                bool isAveraged = exchange.Outcome == UpdateOutcome.Averaged;
                _ = isAveraged ? averaged++ : failed++;
                Say(i, _happenings.Of(i, exchange), view.At);
                if (exchange.Peer is null || !_places.TryGetValue(exchange.Peer, out int from) || from == i)
                    continue;
                store.Count(from, i, isAveraged);
                exchanges.Add(new(from, i, isAveraged, Math.Round(Math.Clamp((node.Status!.Now - exchange.At).TotalSeconds, 0, 60), 3)));
            }
        }

        ClusterTick cluster = Describe(view) with { Averaged = averaged, Failed = failed };
        var tick = new Tick(_run, t, view.At, ticks, cluster, [.. exchanges.OrderBy(e => e.Ago).Take(MostExchanges)], events);
        if (_run is not null)
            store.Write(tick, _lives);
        return tick;

        void Say(int node, IEnumerable<(EventKind Kind, string Text)> lines, DateTimeOffset at) => events.AddRange(lines.Select(line => new RunEvent(at, t, nodes[node], line.Kind, line.Text)));
    }

    /// <summary>Which run it is: the last, when a node that runs was in it, else a new one.</summary>
    private void Choose(ClusterView view)
    {
        (int Place, ulong Life)[] running = [.. view.Nodes.Select((node, i) => (node, i)).Where(n => n.node.State == WatchState.Running).Select(n => (n.i, n.node.Status!.Incarnation))];
        if (running.Length == 0)
            return;
        if (!_hasLooked)
            LookBack([.. running.Select(node => (nodes[node.Place], node.Life))]);
        _hasLooked = true;
        if (_run is null || !running.Any(node => _lives[node.Place]?.Incarnation == node.Life))
            Begin(view.At);
        foreach ((int place, ulong life) in running)
        {
            if (_lives[place]?.Incarnation != life)
                _lives[place] = new(life, 0);
        }
    }

    private void LookBack(IReadOnlyList<(string Name, ulong Life)> running)
    {
        if (store.Last() is not { } last || !running.Any(node => last.Lives.TryGetValue(node.Name, out NodeLife life) && life.Incarnation == node.Life))
            return;
        (_run, _started) = (last.Run.Id, last.Run.Started);
        _lives = [.. nodes.Select(name => last.Lives.TryGetValue(name, out NodeLife life) ? life : (NodeLife?)null)];
        store.Continue(last.Run.Id, nodes);
    }

    private void Begin(DateTimeOffset now)
    {
        if (_run is not null)
            (_lives, _happenings) = (new NodeLife?[nodes.Count], new(nodes.Count));
        _started = now;
        _run = store.Begin(title, nodes, now);
    }

    private IEnumerable<ExchangeRecord> News(int place, NodeView node)
    {
        if (node.State != WatchState.Running || _lives[place] is not { } life)
            return [];
        ExchangeRecord[] news = [.. node.News.Where(exchange => exchange.Number > life.LastExchange)];
        if (news.Length > 0)
            _lives[place] = life with { LastExchange = news[^1].Number };
        return news;
    }

    private static NodeTick Describe(NodeView node, NodeStanding standing)
    {
        NodeStatus? status = standing == NodeStanding.Waiting ? null : node.Status;
        return new(node.Node.Name, standing)
        {
            Step = status?.Round,
            Clock = Finite(status?.Clock),
            Loss = Finite(status?.Loss),
            Steps = Finite(node.StepsPerSecond),
            Samples = Finite(node.SamplesPerSecond),
            Bytes = Finite(node.BytesInPerSecond),
            Averaged = status?.Averaged,
            Failed = status?.Failed,
            Score = Finite(node.Score),
            Error = standing == NodeStanding.Running ? node.LastFailure is { } failure ? failure.Reason ?? failure.Outcome.ToString() : null : node.Failure?.Text,
        };
    }

    private static ClusterTick Describe(ClusterView view) => new()
    {
        Running = view.Running.Count(),
        Loss = Finite(view.MeanLoss),
        Consensus = Finite(view.ConsensusDistance),
        Spread = Finite(view.ClockSpread),
        Steps = Finite(view.StepsPerSecond),
        Samples = Finite(view.SamplesPerSecond),
        Bytes = view.Running.Any(node => node.BytesInPerSecond is not null) ? Finite(view.Running.Sum(node => node.BytesInPerSecond)) : null,
    };

    // Numbers of other nodes may be anything, and JSON has no word for some.
    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
