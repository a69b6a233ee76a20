using System.CommandLine;
using Dpwa.Cli.Live;
using Dpwa.Cli.Output;
using Dpwa.Launch.Runs;
using Dpwa.Launch.Watch;
using Spectre.Console;

namespace Dpwa.Cli.Commands;

internal sealed class StatusCommand : DpwaCommand
{
    private readonly Argument<string> _path = CommonOptions.Config("The configuration.");
    private readonly Option<double> _timeout = CommonOptions.AnswerTimeout();
    private readonly Option<string[]> _custom = CommonOptions.Custom();
    private readonly Option<bool> _json = CommonOptions.Json("Report as JSON.");

    public StatusCommand()
        : base("status", "Shows how the nodes of a configuration are; ends with 1 when one that has not said goodbye does not answer.", "dpwa status", "dpwa status cluster.yaml --json")
    {
        Add(_path);
        Add(_timeout);
        Add(_custom);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var path = arguments.GetRequiredValue(_path);
        var options = DpwaOptions.Load(path, CustomNames.Admit(arguments.GetList(_custom)));
        using var watch = ClusterWatch.Open(options, TimeSpan.FromSeconds(arguments.GetValue(_timeout)), TimeProvider.System);
        var view = await watch.AskAsync(ct).ConfigureAwait(false);
        if (arguments.GetValue(_json)) Json.Print(ViewJson.Of(view, path));
        else Print(Screen.Create(), view);
        return view.Nodes.All(node => node.State is WatchState.Running or WatchState.Left) ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>A table, what is wrong, and what the nodes are together.</summary>
    internal static void Print(IAnsiConsole console, ClusterView view)
    {
        console.Write(NodeTable.Build(view, [.. Enumerable.Range(0, view.Nodes.Count)], console.Profile.Width));
        foreach (var (node, isBad, text) in Remarks(view)) console.MarkupLineInterpolated($"[{(isBad ? "red" : "yellow")}]{node.Node.Name}:[/] {text}");
        console.WriteLine(Summary(view));
    }

    /// <summary><c>4 of 4 nodes run; models are 0.12 apart (consensus distance), clocks 1.5 steps.</c></summary>
    private static string Summary(ClusterView view)
    {
        string[] apart =
        [
            .. view.ConsensusDistance is { } distance ? [$"models are {Numbers.Show(distance)} apart (consensus distance)"] : Array.Empty<string>(),
            .. view.ClockSpread is { } spread ? [$"clocks {Numbers.Show(spread)} steps"] : Array.Empty<string>(),
        ];
        return $"{view.Running.Count()} of {Screen.Plural(view.Nodes.Count, "node")} run{(apart.Length == 0 ? "" : $"; {string.Join(", ", apart)}")}.";
    }

    private static IEnumerable<(NodeView Node, bool IsBad, string Text)> Remarks(ClusterView view)
    {
        foreach (var node in view.Nodes)
        {
            if (node is { State: WatchState.NotAnswering, Failure: { } failure }) yield return (node, true, $"{failure.Text}.");
            if (node is { Status: { } status, LastFailure: { Reason: { } reason } last })
                yield return (node, false, $"its last failure, {Durations.Show(status.Now - last.At)} ago in step {Numbers.Count(last.Round)}: {reason}.");
        }
    }
}
