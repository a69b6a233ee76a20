using System.Globalization;
using Dpwa.Cli.Output;
using Dpwa.Exchange;
using Dpwa.Launch.Watch;
using Spectre.Console;

namespace Dpwa.Cli.Live;

/// <summary>One row a node. Where the terminal is narrow, what matters least is left out; where it is wide, there are curves.</summary>
internal sealed class NodeTable
{
    private const int Padding = 2, ShortestCurve = 8, LongestCurve = 40;
    private static readonly Style Bad = new(Color.Red), Gone = new(decoration: Decoration.Dim), Good = new(Color.Green), Drawn = new(Color.Aqua);

    // What matters most has the lowest number.
    private static readonly Column[] Columns =
    [
        new("node", 0, node => node.Node.Name, IsLeft: true),
        new("state", 1, Describe, IsLeft: true),
        new("step", 2, node => Numbers.Count(node.Status?.Round)),
        new("clock", 8, node => node.Status?.Clock.ToString("#,0.0", CultureInfo.InvariantCulture) ?? Numbers.Unknown),
        new("loss", 3, node => Numbers.Show(node.Status?.Loss)) { Curve = history => new(row => history.Of(row, node => node.Status?.Loss), IsFromZero: false) },
        new("steps/s", 4, node => Numbers.Show(node.StepsPerSecond)) { Curve = history => new(row => history.Of(row, node => node.StepsPerSecond), IsFromZero: true) },
        new("samples/s", 7, node => Numbers.Show(node.SamplesPerSecond)) { IsOptional = true },
        new("ok", 5, node => Numbers.Count(node.Status?.Averaged)),
        new("failed", 6, node => Numbers.Count(node.Status?.Failed)),
        new("in", 10, node => Numbers.Bytes(node.BytesIn)),
        // Through shared memory peers take it without a word.
        new("out", 11, node => Numbers.Bytes(node.BytesOut is 0 ? null : node.BytesOut)) { IsOptional = true },
        new("score", 9, node => node.Score is { } score ? score.ToString("0", CultureInfo.InvariantCulture) : Numbers.Unknown),
    ];

    /// <summary>The table.</summary>
    /// <param name="view">All nodes.</param>
    /// <param name="rows">Which of them.</param>
    /// <param name="width">How wide it may be.</param>
    /// <param name="history">For curves; null without.</param>
    public static Table Build(ClusterView view, IReadOnlyList<int> rows, int width, History? history = null)
    {
        var nodes = rows.Select(row => view.Nodes[row]).ToArray();
        var shown = Columns.Where(column => !column.IsOptional || view.Nodes.Any(node => column.Text(node) != Numbers.Unknown)).ToList();
        while (shown.Count > 2 && shown.Sum(Width) > width) shown.Remove(shown.MaxBy(column => column.Priority)!);
        var curves = shown.Where(column => history is not null && column.Curve is not null).ToArray();
        var length = curves.Length == 0 ? 0 : Math.Min((width - shown.Sum(Width)) / curves.Length - Padding, LongestCurve);

        var table = new Table().Border(TableBorder.None);
        var cells = new List<(string[] Texts, Style? Style)>();
        foreach (var column in shown)
        {
            Add(column.Header, column.IsLeft, Width(column) - Padding);
            cells.Add(([.. nodes.Select(column.Text)], null));
            if (length < ShortestCurve || !curves.Contains(column)) continue;
            Add("", isLeft: true, length);
            cells.Add(([.. column.Curve!(history!).Draw(rows, length)], Drawn));
        }

        for (var i = 0; i < nodes.Length; i++)
        {
            var node = nodes[i];
            table.AddRow(cells.Select((cell, at) => new Text(cell.Texts[i], node.State switch
            {
                WatchState.Running => at == 1 ? Good : cell.Style,
                WatchState.Left => Gone,
                _ => at < 2 ? Bad : Gone,
            })));
        }

        return table;

        int Width(Column column) => nodes.Select(node => column.Text(node).Length).Append(column.Header.Length).Max() + Padding;

        void Add(string header, bool isLeft, int columnWidth) => table.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Dim)))
        {
            Alignment = isLeft ? Justify.Left : Justify.Right,
            Padding = new(0, 0, Padding, 0),
            Width = columnWidth,
            NoWrap = true,
        });
    }

    private static string Describe(NodeView node) => node switch
    {
        { State: WatchState.Running } => "running",
        { State: WatchState.Left } => "has left",
        { Failure.Kind: FailureKind.Unreachable } => "unreachable",
        { Failure.Kind: FailureKind.NotAuthenticated } => "not let in",
        { Failure.Kind: FailureKind.OtherNode or FailureKind.OtherCluster or FailureKind.Protocol } => "a stranger",
        _ => "no answer",
    };

    private sealed record Column(string Header, int Priority, Func<NodeView, string> Text, bool IsLeft = false)
    {
        public Func<History, Curve>? Curve { get; init; }

        /// <summary>Whether it is left out when no node has something in it.</summary>
        public bool IsOptional { get; init; }
    }
}
