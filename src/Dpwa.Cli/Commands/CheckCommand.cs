using System.CommandLine;
using System.Globalization;
using Dpwa.Cli.Output;
using Dpwa.Exchange;
using Dpwa.Launch.Doctor;
using Dpwa.Launch.Hosts;
using Dpwa.Launch.Probe;
using Dpwa.Launch.Runs;
using Dpwa.Launch.Watch;
using Dpwa.Peers.Topologies;
using Spectre.Console;

namespace Dpwa.Cli.Commands;

internal sealed class CheckCommand : DpwaCommand
{
    private readonly Argument<string> _path = CommonOptions.Config("The configuration.");
    private readonly Option<double> _timeout = CommonOptions.AnswerTimeout();
    private readonly Option<bool> _running = new("--running") { Description = "Fail unless every node is running." };
    private readonly Option<string[]> _custom = CommonOptions.Custom();
    private readonly Option<bool> _json = CommonOptions.Json("Report as JSON.");

    public CheckCommand()
        : base("check", "Checks a configuration, its nodes and what is between them, and says what to do about what is wrong.", "dpwa check", "dpwa check cluster.yaml --running --json")
    {
        Add(_path);
        Add(_timeout);
        Add(_running);
        Add(_custom);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var path = arguments.GetRequiredValue(_path);
        var options = DpwaOptions.Load(path, CustomNames.Admit(arguments.GetList(_custom)));
        var transport = ClusterWatch.OperatorTransport(options);
        var probe = new NodeProbe(transport, options, TimeSpan.FromSeconds(arguments.GetValue(_timeout)), TimeProvider.System);
        var check = new ClusterCheck(new SystemHostLookup(), probe, new(transport));
        var reports = await check.RunAsync(options.Nodes, ct).ConfigureAwait(false);
        var view = reports.Any(report => report.Greeting is not null) ? await AskAsync(options, arguments.GetValue(_timeout), ct).ConfigureAwait(false) : null;
        IReadOnlyList<Finding> findings =
        [
            .. IdentityCheck.Run(options, reports),
            .. view is null ? [] : ClusterDoctor.Examine(view),
        ];
        var isRight = !reports.Any(report => report.IsProblem) && !findings.Any(finding => finding.IsProblem) && (!arguments.GetValue(_running) || reports.All(report => report.State is NodeState.Running));
        if (arguments.GetValue(_json)) PrintJson(path, options, isRight, reports, view, findings);
        else PrintText(path, options, reports, view, findings);
        return isRight ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>Twice: the second time there is a connection already, so that clocks are compared more exactly.</summary>
    private static async Task<ClusterView> AskAsync(DpwaOptions options, double timeout, CancellationToken ct)
    {
        using var watch = ClusterWatch.Open(options, TimeSpan.FromSeconds(timeout), TimeProvider.System, withSketches: false);
        await watch.AskAsync(ct).ConfigureAwait(false);
        return await watch.AskAsync(ct).ConfigureAwait(false);
    }

    private static void PrintJson(string path, DpwaOptions options, bool isRight, IReadOnlyList<NodeReport> reports, ClusterView? view, IReadOnlyList<Finding> findings) => Json.Print(new
    {
        Config = path,
        Ok = isRight,
        options.Topology,
        Mixing = SpectralGap.Of(options) is { } gap ? new
        {
            SpectralGap = gap.Gap,
            RoundsToHalve = double.IsFinite(gap.RoundsToHalve) ? gap.RoundsToHalve : (double?)null,
            gap.ExactAfter,
            gap.IsBound,
        } : null,
        Nodes = reports.Select((report, place) => new
        {
            report.Node.Name,
            report.Node.Host,
            report.Node.Port,
            report.State,
            Clock = report.Greeting?.Clock,
            Round = report.Greeting?.Round,
            Model = report.Greeting is { } greeting ? Model(greeting) : null,
            Version = view?.Nodes[place].Status?.Version,
            ClockOffsetSeconds = view?.Nodes[place].ClockOffset?.TotalSeconds,
            RoundTripSeconds = view?.Nodes[place].RoundTrip?.TotalSeconds,
            report.IsLocal,
            Addresses = report.Addresses.Select(address => address.ToString()),
            report.Advice,
        }),
        Links = (view is null ? [] : ClusterDoctor.LinksOf(view)).Select(link => new
        {
            link.From,
            link.To,
            link.Seen.State,
            link.Seen.Exchanges,
            link.Seen.Failures,
            LatencySeconds = link.Seen.Latency?.TotalSeconds,
            BytesPerSecond = link.Seen.Throughput,
            link.Seen.LastError,
        }),
        Findings = findings,
    });

    private static void PrintText(string path, DpwaOptions options, IReadOnlyList<NodeReport> reports, ClusterView? view, IReadOnlyList<Finding> findings)
    {
        var console = Screen.Create();
        console.MarkupLineInterpolated($"[green]{path} is right[/]: {Screen.Plural(options.Nodes.Count, "node")}, method {options.Method}, interpolation {options.Interpolation}, apply {options.Apply.ToString().ToLowerInvariant()}.");
        if (SpectralGap.Of(options) is { } gap) console.WriteLine(Describe(options, gap));
        var border = Console.IsOutputRedirected ? TableBorder.Ascii2 : TableBorder.Rounded;
        var table = new Table().Border(border);
        table.AddColumn("node").AddColumn("at").AddColumn("resolves to").AddColumn("where").AddColumn("state").AddColumn("clock").AddColumn("steps").AddColumn("model");
        foreach (var report in reports)
        {
            table.AddRow(
                new Text(report.Node.Name),
                new Text(report.Place),
                new Text(string.Join(", ", report.Addresses)),
                new Text(report.Addresses.Count == 0 ? "" : report.IsLocal ? "this machine" : "elsewhere"),
                new Markup(Describe(report.State)),
                new Text(report.Greeting?.Clock.ToString("0.##", CultureInfo.InvariantCulture) ?? ""),
                new Text(report.Greeting?.Round.ToString(CultureInfo.InvariantCulture) ?? ""),
                new Text(report.Greeting is { } greeting ? Model(greeting) ?? "none yet" : ""));
        }

        console.Write(table);
        if (view is not null && ClusterDoctor.LinksOf(view) is { Count: > 0 } links && view.Running.Count() <= LinkTable.MostNodes)
            console.Write(LinkTable.Build(links, [.. view.Running.Select(node => node.Node.Name)], border));
        foreach (var report in reports)
        {
            foreach (var advice in report.Advice) console.MarkupLineInterpolated($"[{(report.IsProblem ? "red" : "yellow")}]{report.Node.Source ?? path}: {report.Node.Name}:[/] {advice}");
            foreach (var finding in findings.Where(finding => finding.Node == report.Node.Name))
                console.MarkupLineInterpolated($"[{(finding.IsProblem ? "red" : "yellow")}]{report.Node.Source ?? path}: {report.Node.Name}:[/] {finding.Text}");
        }
    }

    private static string Describe(DpwaOptions options, SpectralGap gap)
    {
        var start = string.Create(CultureInfo.InvariantCulture, $"topology {options.Topology.ToString().ToLowerInvariant()}: spectral gap {(gap.IsBound ? "at most " : "")}{gap.Gap:G2}");
        var rounds = gap.RoundsToHalve.ToString(gap.RoundsToHalve < 10 ? "0.#" : "N0", CultureInfo.InvariantCulture);
        return gap switch
        {
            { ExactAfter: { } exact } => $"{start} ({Screen.Plural(options.Nodes.Count, "node")} agree exactly after {Screen.Plural((int)exact, "round")})",
            { Gap: 0 } => $"{start}: the nodes never come to agree",
            _ => $"{start}: disagreement halves in {(gap.IsBound ? "no less than" : "about")} {rounds} rounds",
        };
    }

    // Nodes that average show the same; before its first step a node may not know its model.
    private static string? Model(NodeGreeting greeting) => greeting.Fingerprint == 0 ? null : greeting.Fingerprint.ToString("x16", CultureInfo.InvariantCulture);

    private static string Describe(NodeState state) => state switch
    {
        NodeState.Running => "[green]running[/]",
        NodeState.OtherModel => "[red]runs another model[/]",
        NodeState.Stranger => "[red]not this node[/]",
        NodeState.NotRunning => "not running",
        NodeState.NoPort => "port chosen at start",
        NodeState.Unresolved => "[red]host not known[/]",
        NodeState.TimedOut => "[red]no answer[/]",
        NodeState.Unreachable => "[red]not reachable[/]",
        _ => "[red]cannot listen[/]",
    };
}
