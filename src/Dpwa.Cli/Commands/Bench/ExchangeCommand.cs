using System.CommandLine;
using Dpwa.Cli.Output;
using Dpwa.Cli.Output.Bench;
using Dpwa.Launch;
using Dpwa.Launch.Bench;
using Dpwa.Launch.Bench.Exchange;
using Dpwa.Protocol;

namespace Dpwa.Cli.Commands.Bench;

internal sealed class ExchangeCommand : DpwaCommand
{
    private const int MostSteps = 100_000;
    private static readonly ExchangeSettings Usual = new();

    private readonly Option<long?> _size = BenchOptions.Size("The size of the model", Usual.Bytes);
    private readonly Option<int> _tensors = new Option<int>("--tensors") { Description = "Into how many float32 tensors it is cut.", HelpName = "N", DefaultValueFactory = _ => Usual.Tensors }.AtLeast(1);
    private readonly Option<int?> _workers = new Option<int?>("--workers") { Description = "How many workers on this machine; 2 unless it is given.", HelpName = "N" }.AtLeast(2);
    private readonly Option<string?> _transport = BenchOptions.Choice<TransportChoice>("--transport", "How parameters travel; auto, or as the configuration says.");
    private readonly Option<string?> _codec = BenchOptions.Choice<PayloadCodec>("--codec", "How they are encoded over a network; float32, or as the configuration says.");
    private readonly Option<string?> _apply = BenchOptions.Choice<ApplyForm>("--apply", "How they are applied; parameters, or as the configuration says.");
    private readonly Option<double> _trainMs = new Option<double>("--train-ms") { Description = "How long a training step takes.", HelpName = "MS", DefaultValueFactory = _ => 0 }.AtLeast(0).AtMost(3_600_000);
    private readonly Option<string?> _train = BenchOptions.Choice<TrainKind>("--train", "What it does: keep the CPU busy, or wait as for an accelerator; busy unless it is given.");
    private readonly Option<int> _steps = new Option<int>("--steps") { Description = "How many steps each worker measures, after a warm-up.", HelpName = "N", DefaultValueFactory = _ => Usual.Steps }.AtLeast(1).AtMost(MostSteps);
    private readonly Option<double?> _rate = BenchOptions.Rate();
    private readonly Option<string?> _config = new("--config") { Description = "Measure between the nodes of a configuration: start the same on every machine.", HelpName = "FILE" };
    private readonly Option<string[]> _names = new("--name") { Description = "Which of its nodes to start here, instead of those of this machine.", HelpName = "w1,w2" };
    private readonly Option<double> _wait = new Option<double>("--wait") { Description = "How many seconds to wait for the other workers.", HelpName = "SECONDS", DefaultValueFactory = _ => Usual.WaitSeconds }.AtLeast(0.001).AtMostADay();
    private readonly Option<bool> _noPin = new("--no-pin") { Description = "Let workers run on all CPUs instead of giving each its own." };
    private readonly Option<bool> _json = CommonOptions.Json("Report as JSON.");
    private readonly Option<string?> _job = new("--job") { Hidden = true };

    public ExchangeCommand()
        : base(
            "exchange",
            "Starts workers as processes that exchange a model all the time, and measures how long that takes beside what sockets and memory can do.",
            "dpwa bench exchange",
            "dpwa bench exchange --size 200MB --workers 4 --transport tcp --json",
            "dpwa bench exchange --train-ms 200 --train busy",
            "dpwa bench exchange --rate 1Gbit --codec bfloat16",
            "dpwa bench exchange --config dpwa.yaml --name w2")
    {
        foreach (var option in new Option[] { _size, _tensors, _workers, _transport, _codec, _apply, _trainMs, _train, _steps, _rate, _config, _names, _wait, _noPin, _json, _job }) Add(option);
        Validators.Add(result =>
        {
            if (result.GetResult(_config) is null ? result.GetResult(_names) is not null && result.GetResult(_job) is null : result.GetResult(_workers) is not null)
                result.AddError(result.GetResult(_config) is null ? "--name takes a node of a --config." : "--workers is without --config: its nodes are the workers.");
            if (Written(result, _transport) is "shared_memory" && Words.Find<PayloadCodec>(Written(result, _codec)) is not (null or PayloadCodec.Native))
                result.AddError("--codec is without --transport shared_memory, in which nothing is encoded.");
            if (result.GetResult(_rate) is null) return;
            if (result.GetResult(_config) is not null) result.AddError("--rate is without --config: it slows down links within this machine.");
            if (Written(result, _transport) is "shared_memory") result.AddError("--rate is without --transport shared_memory, which uses no link.");
        });
    }

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        if (arguments.GetValue(_job) is { } job) return await WorkAsync(job, arguments.GetList(_names)[0]).ConfigureAwait(false);
        var isJson = arguments.GetValue(_json);
        try
        {
            var report = await Progress.ShowAsync(isJson, told => ExchangeBench.RunAsync(Request(arguments), told, ct)).ConfigureAwait(false);
            if (isJson) Json.PrintMeasures(report);
            else ExchangeTable.Print(report);
            return ExitCode.Ok;
        }
        catch (BenchException e)
        {
            _ = Errors.Print([e.Message]);
            return ExitCode.Failed;
        }
    }

    // As the thread of a trainer, which is not of the pool.
    private static async Task<int> WorkAsync(string job, string name)
    {
        try
        {
            await Task.Factory.StartNew(() => ExchangeWorker.Run(job, name, Console.Out.WriteLine), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is BenchException or DpwaBindException)
        {
            _ = Errors.Print([e.Message]);
            return ExitCode.Failed;
        }
    }

    // As it stands there: a value that is none of the words has an error of its own, and no value.
    private static string? Written(System.CommandLine.Parsing.CommandResult result, Option option) => result.GetResult(option)?.Tokens is [var token] ? token.Value : null;

    // A limited link is no link at all to who shares memory, and a codec is of no use there.
    private TransportChoice? Transport(ParseResult arguments)
    {
        var chosen = Words.Find<TransportChoice>(arguments.GetValue(_transport));
        var needsLink = arguments.GetValue(_rate) is not null || (arguments.GetValue(_config) is null && Words.Find<PayloadCodec>(arguments.GetValue(_codec)) is not (null or PayloadCodec.Native));
        return needsLink && chosen is null or TransportChoice.Auto ? TransportChoice.Tcp : chosen;
    }

    private ExchangeRequest Request(ParseResult arguments) => new()
    {
        Settings = new()
        {
            Bytes = arguments.GetValue(_size) ?? Usual.Bytes,
            Tensors = arguments.GetValue(_tensors),
            Steps = arguments.GetValue(_steps),
            TrainMilliseconds = arguments.GetValue(_trainMs),
            Train = Words.Find<TrainKind>(arguments.GetValue(_train)) ?? TrainKind.Busy,
            Transport = Transport(arguments),
            Codec = Words.Find<PayloadCodec>(arguments.GetValue(_codec)),
            Apply = Words.Find<ApplyForm>(arguments.GetValue(_apply)),
            BitsPerSecond = arguments.GetValue(_rate),
            WaitSeconds = arguments.GetValue(_wait),
        },
        Config = arguments.GetValue(_config),
        Names = arguments.GetList(_names),
        Workers = arguments.GetValue(_workers) ?? 2,
        Pin = !arguments.GetValue(_noPin),
        WorkerArguments = ["bench", "exchange", "--job", "{job}", "--name", "{name}"],
    };
}
