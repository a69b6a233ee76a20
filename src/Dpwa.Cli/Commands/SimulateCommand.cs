using System.CommandLine;
using Dpwa.Cli.Commands.Simulate;
using Dpwa.Cli.Output;
using Dpwa.Cli.Output.Bench;
using Dpwa.Cli.Output.Simulate;
using Dpwa.Cli.Plots;
using Dpwa.Launch.Bench;
using Dpwa.Simulation;
using Dpwa.Simulation.Network;
using Dpwa.Simulation.Problems;
using Dpwa.Simulation.Runs;

namespace Dpwa.Cli.Commands;

internal sealed class SimulateCommand : DpwaCommand
{
    private readonly Option<string> _problem = new Option<string>("--problem") { Description = "What is learnt.", DefaultValueFactory = _ => "consensus" }.AcceptOnlyFromAmong([.. Words.All<ProblemKind>()]);
    private readonly Option<int?> _dim = new Option<int?>("--dim") { Description = "How many parameters; 1 unless it is given. For logistic without --data: features of a sample, 16.", HelpName = "N" }.AtLeast(1).AtMost(10_000_000);
    private readonly Option<int> _nodes = new Option<int>("--nodes") { Description = "How many nodes.", HelpName = "N", DefaultValueFactory = _ => 16 }.AtLeast(1).AtMost(SimulationPlan.MostNodes);
    private readonly Option<string[]> _method = new("--method") { Description = $"Gossip methods to compare: {string.Join(", ", GossipMethods.Names)}; and all-reduce, the synchronous baseline. dpwa unless it is given.", HelpName = "NAME,NAME" };
    private readonly Option<string[]> _topology = new("--topology") { Description = "Topologies to compare, each with each method; the method's own unless it is given.", HelpName = "NAME,NAME" };
    private readonly Option<string[]> _set = new("--set") { Description = "A key of the configuration and its value: --set fetch_probability=0.5 --set apply=delta.", HelpName = "KEY=VALUE" };
    private readonly Option<string[]> _variant = new("--variant") { Description = "Settings to compare under a name, once for each: --variant \"half: constant={value: 0.25}; lr=0.1\". Keys of the configuration, lr and failure-rate.", HelpName = "NAME: KEY=VALUE; KEY=VALUE" };
    private readonly Option<int> _rounds = new Option<int>("--rounds") { Description = "How many rounds. A round is the time of a step, one second of virtual time.", HelpName = "N", DefaultValueFactory = _ => 50 }.AtLeast(1).AtMost(1_000_000);
    private readonly Option<int> _repeat = new Option<int>("--repeat") { Description = "How many times, each with other chance; figures are the means.", HelpName = "N", DefaultValueFactory = _ => 1 }.AtLeast(1).AtMost(100_000);
    private readonly Option<int> _seed = new("--seed") { Description = "The source of all chance.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<double> _failureRate = Chance("--failure-rate", "The chance that a pair of nodes cannot reach each other in a round.");
    private readonly Option<double> _loss = Chance("--loss", "The chance that a message is lost, and only a time-out tells.");
    private readonly Option<DelayDistribution?> _latency = SimulateOptions.Latency();
    private readonly Option<RateDistribution?> _bandwidth = SimulateOptions.Bandwidth();
    private readonly Option<Stragglers?> _stragglers = SimulateOptions.Stragglers();
    private readonly Option<Churn?> _churn = SimulateOptions.Churn();
    private readonly Option<NetworkPartition[]?> _partition = SimulateOptions.Partitions();
    private readonly Option<string> _stepOrder = new Option<string>("--step-order") { Description = "When a step's gradient is applied: while the exchange is under way, as in production, or before it.", DefaultValueFactory = _ => "during-fetch" }.AcceptOnlyFromAmong("during-fetch", "before-send");
    private readonly Option<bool> _onePair = new("--one-pair") { Description = "One random node a round begins an exchange, the others only answer." };
    private readonly Option<double?> _lr = new Option<double?>("--lr") { Description = "The learning rate; 0.1, for logistic 0.5, unless it is given.", HelpName = "RATE" }.AtLeast(0).AtMost(1e6);
    private readonly Option<double> _noise = new Option<double>("--noise") { Description = "quadratic: the standard deviation of the noise in a gradient's coordinates.", HelpName = "SIGMA", DefaultValueFactory = _ => 1 }.AtLeast(0).AtMost(1e6);
    private readonly Option<double> _curvature = new Option<double>("--curvature") { Description = "quadratic: the curvature; 0 leaves the noise alone.", HelpName = "C", DefaultValueFactory = _ => 1 }.AtLeast(0).AtMost(1e6);
    private readonly Option<int> _batch = new Option<int>("--batch") { Description = "logistic: the samples of a step.", HelpName = "N", DefaultValueFactory = _ => 16 }.AtLeast(1).AtMost(100_000);
    private readonly Option<string?> _data = new("--data") { Description = "logistic: a csv file with a line of headings, then a sample a line, its label last; synthetic samples unless it is given.", HelpName = "FILE" };
    private readonly Option<bool> _nonIid = new("--non-iid") { Description = "The nodes' data differ: few labels each, or each its own optimum." };
    private readonly Option<bool> _json = CommonOptions.Json("Report as JSON.");
    private readonly Option<bool> _csv = new("--csv") { Description = "Report as CSV, a line a round." };
    private readonly Option<string?> _plot = new("--plot") { Description = "Draw consensus distance and loss against rounds, time and bytes: a .png or .svg file.", HelpName = "FILE" };

    public SimulateCommand()
        : base(
            "simulate",
            "Runs gossip methods on virtual time and a virtual network: the same state machines as in production, thousands of nodes in one process, the same result for the same seed.",
            "dpwa simulate",
            "dpwa simulate --nodes 512 --rounds 20 --repeat 10 --failure-rate 0.01 --json",
            "dpwa simulate --problem quadratic --nodes 8 --stragglers 1x10 --method dpwa,all-reduce",
            "dpwa simulate --problem logistic --non-iid --nodes 32 --method dpwa,all-reduce --bandwidth 10Mbit --plot compared.svg")
    {
        foreach (var option in new Option[] { _problem, _dim, _nodes, _method, _topology, _set, _variant, _rounds, _repeat, _seed, _failureRate, _loss, _latency, _bandwidth, _stragglers, _churn, _partition, _stepOrder, _onePair, _lr, _noise, _curvature, _batch, _data, _nonIid, _json, _csv, _plot }) Add(option);
        Validators.Add(result =>
        {
            if (result.GetValue(_json) && result.GetValue(_csv)) result.AddError("--json and --csv both write the answer: give one of them.");
            if (result.GetValue(_plot) is { } path && PlotFile.Problem(path) is { } problem) result.AddError($"--plot: {problem}");
            if (result.GetResult(_data) is not null && result.GetValue(_problem) is not "logistic") result.AddError("--data is for --problem logistic.");
        });
    }

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var plans = SimulationPlan.Of(arguments.GetValue(_nodes), arguments.GetList(_method), arguments.GetList(_topology), arguments.GetValue(_set) ?? [], [.. (arguments.GetValue(_variant) ?? []).Select(SimulationVariant.Parse)], Settings(arguments));
        var isQuiet = arguments.GetValue(_json) || arguments.GetValue(_csv);
        IReadOnlyList<SimulationReport> reports;
        try
        {
            reports = await Progress.ShowAsync(isQuiet, told => Task.Run(() => SimulationPlan.Run(plans, TimeProvider.System, plan => told(plan.Name), ct), ct)).ConfigureAwait(false);
        }
        catch (SimulationDivergedException e)
        {
            _ = Errors.Print([e.Message]);
            return ExitCode.Failed;
        }

        if (arguments.GetValue(_json)) SimulationJson.Print(reports);
        else if (arguments.GetValue(_csv)) SimulationCsv.Print(reports);
        else SimulationTable.Print(reports);
        return arguments.GetValue(_plot) is { } path ? Draw(reports, path) : ExitCode.Ok;
    }

    private static int Draw(IReadOnlyList<SimulationReport> reports, string path)
    {
        try
        {
            PlotFile.Write(path, new SimulationPlot(reports));
            if (!PlotFont.IsThere) Console.Error.WriteLine($"{path} has lines and no words: this machine has no fonts. On Debian and Ubuntu, 'apt install fonts-dejavu-core' brings some.");
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _ = Errors.Print([$"{path} cannot be written: {e.Message}"]);
            return ExitCode.Failed;
        }
    }

    private static Option<double> Chance(string name, string what) => new Option<double>(name) { Description = what, HelpName = "P", DefaultValueFactory = _ => 0 }.AtLeast(0).AtMost(1);

    private SimulationSettings Settings(ParseResult arguments) => new()
    {
        Options = new(),
        Problem = new()
        {
            Kind = Words.Find<ProblemKind>(arguments.GetValue(_problem))!.Value,
            Dimension = arguments.GetValue(_dim),
            LearningRate = arguments.GetValue(_lr),
            Noise = arguments.GetValue(_noise),
            Curvature = arguments.GetValue(_curvature),
            BatchSize = arguments.GetValue(_batch),
            Data = arguments.GetValue(_data) is { } path ? LabelledData.Read(path) : null,
            NonIid = arguments.GetValue(_nonIid),
        },
        Rounds = arguments.GetValue(_rounds),
        Repeat = arguments.GetValue(_repeat),
        Seed = arguments.GetValue(_seed),
        Stragglers = arguments.GetValue(_stragglers),
        Churn = arguments.GetValue(_churn),
        StepOrder = arguments.GetValue(_stepOrder) == "before-send" ? StepOrder.BeforeSend : StepOrder.DuringFetch,
        Pace = arguments.GetValue(_onePair) ? Pace.OnePair : Pace.Free,
        Network = new()
        {
            Latency = arguments.GetValue(_latency) ?? new VirtualNetworkSettings().Latency,
            BytesPerSecond = arguments.GetValue(_bandwidth),
            MessageLoss = arguments.GetValue(_loss),
            FailureRate = arguments.GetValue(_failureRate),
            Partitions = arguments.GetValue(_partition) ?? [],
        },
    };
}
