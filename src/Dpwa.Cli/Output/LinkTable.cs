using Dpwa.Launch.Doctor;
using Spectre.Console;

namespace Dpwa.Cli.Output;

/// <summary>How nodes reach each other: who asks, by row, whom, by column.</summary>
internal static class LinkTable
{
    /// <summary>More would be wider than a terminal; what is wrong with them is told in words anyway.</summary>
    public const int MostNodes = 8;

    public static Table Build(IReadOnlyList<NodeLink> links, IReadOnlyList<string> nodes, TableBorder border)
    {
        var table = new Table().Border(border).AddColumn("links: from, to");
        foreach (var node in nodes) table.AddColumn(new TableColumn(new Text(node)));
        foreach (var from in nodes)
            table.AddRow([new Text(from), .. nodes.Select(to => Cell(links.FirstOrDefault(link => link.From == from && link.To == to)))]);
        return table;
    }

    private static Text Cell(NodeLink? link) => link switch
    {
        null => new(""),
        { Seen.LastError: not null } => new("fails", new Style(Color.Red)),
        { Seen: { Latency: { } latency, Throughput: var throughput } } => new($"{Numbers.Show(latency.TotalMilliseconds)} ms{(throughput is null ? "" : $", {Numbers.Bytes(throughput)}/s")}"),
        // Through shared memory there is nothing to measure.
        _ => new("works", new Style(Color.Green)),
    };
}
