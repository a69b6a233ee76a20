using System.Globalization;
using Dpwa.Cli.Output;
using Dpwa.Launch.Watch;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dpwa.Cli.Live;

/// <summary>What <c>dpwa top</c> shows: the cluster as a whole, its nodes, and what has happened.</summary>
/// <param name="config">The configuration's name.</param>
internal sealed class TopScreen(string config)
{
    private const int HeadLines = 5, TableHead = 1, FewestEvents = 3, EventsKept = 200;

    private readonly History _history = new();
    private readonly List<ClusterEvent> _events = [];

    public void Add(ClusterView view, IReadOnlyList<ClusterEvent> events)
    {
        _history.Add(view);
        _events.AddRange(events);
        _events.RemoveRange(0, Math.Max(0, _events.Count - EventsKept));
    }

    /// <summary>Lines that fill a terminal of this size.</summary>
    public IRenderable Build(ClusterView view, int width, int height)
    {
        var rows = Choose(view, height - HeadLines - TableHead - FewestEvents - 2);
        var hidden = view.Nodes.Count - rows.Count;
        var lines = new List<IRenderable>
        {
            Title(view, width),
            Text.Empty,
            Whole(view, width),
            Text.Empty,
            NodeTable.Build(view, rows, width, _history),
        };
        if (hidden > 0) lines.Add(new Markup($"[dim]and {Screen.Plural(hidden, "more node")}[/]"));
        var left = height - HeadLines - TableHead - rows.Count - (hidden > 0 ? 1 : 0) - 2;
        if (left > 0)
        {
            lines.Add(Text.Empty);
            lines.AddRange(_events.TakeLast(left).Select(what => Line(what, width)));
        }

        return new Rows(lines);
    }

    /// <summary>All nodes, or as many as fit: those that do not run first.</summary>
    private static IReadOnlyList<int> Choose(ClusterView view, int most)
    {
        var all = Enumerable.Range(0, view.Nodes.Count);
        return view.Nodes.Count <= most ? [.. all] : [.. all.OrderBy(i => view.Nodes[i].State is WatchState.Running).Take(Math.Max(1, most)).Order()];
    }

    private Grid Title(ClusterView view, int width)
    {
        var (running, all) = (view.Running.Count(), view.Nodes.Count);
        var colour = running == all ? "green" : running == 0 ? "red" : "yellow";
        return Line2(
            new Markup(string.Create(CultureInfo.InvariantCulture, $"[bold]dpwa top[/]  {Markup.Escape(config)}  [{colour}]{running} of {all} run[/]")),
            new Markup($"[dim]{view.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  q quits[/]"),
            width);
    }

    private static Grid Line2(IRenderable left, IRenderable right, int width)
    {
        var grid = new Grid { Width = width };
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new(0, 0, 0, 0) }).AddColumn(new GridColumn { NoWrap = true, Padding = new(0, 0, 0, 0), Alignment = Justify.Right });
        grid.Expand = true;
        return grid.AddRow(left, right);
    }

    /// <summary>The cluster as a whole, in two lines of two figures each with its curve.</summary>
    private Grid Whole(ClusterView view, int width)
    {
        const int value = 6, gap = 1, curveGap = 3;
        var isNarrow = width < 64;
        var label = isNarrow ? 9 : 18;
        var curve = Math.Max(1, Math.Min(width / 2 - label - value - 2 * gap - curveGap, 40));
        var grid = new Grid();
        foreach (var (column, after) in ((int, int)[])[(label, gap), (value, gap), (curve, curveGap), (label, gap), (value, gap), (curve, 0)])
            grid.AddColumn(new GridColumn { Width = column, NoWrap = true, Padding = new(0, 0, after, 0) });
        var hasSamples = view.SamplesPerSecond is not null;
        Func<ClusterView, double?> rate = hasSamples ? one => one.SamplesPerSecond : one => one.StepsPerSecond;
        grid.AddRow([.. Figure(isNarrow ? "distance" : "consensus distance", one => one.ConsensusDistance, isFromZero: false), .. Figure(isNarrow ? "loss" : "mean loss", one => one.MeanLoss, isFromZero: false)]);
        grid.AddRow([.. Figure(isNarrow ? "spread" : "clock spread", one => one.ClockSpread, isFromZero: true), .. Figure((hasSamples ? "samples/s" : "steps/s") + (isNarrow ? "" : ", all"), rate, isFromZero: true)]);
        return grid;

        IRenderable[] Figure(string what, Func<ClusterView, double?> of, bool isFromZero) =>
        [
            new Text(what, new Style(decoration: Decoration.Dim)),
            new Text(Numbers.Show(of(view)), new Style(decoration: Decoration.Bold)),
            new Text(new Curve(_ => _history.Of(of), isFromZero).Draw([0], curve)[0], new Style(Color.Aqua)),
        ];
    }

    private static Text Line(ClusterEvent what, int width)
    {
        var text = $"{what.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  {what.Text}";
        return new(text.Length <= width ? text : $"{text[..(width - 1)]}…", new Style(what.IsBad ? Color.Red : null));
    }
}
