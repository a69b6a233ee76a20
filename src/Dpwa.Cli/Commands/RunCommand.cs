using System.CommandLine;
using Dpwa.Cli.Output;
using Dpwa.Launch.Hosts;
using Dpwa.Launch.Runs;
using Dpwa.Launch.Workers;
using Dpwa.Transport.Tcp;

namespace Dpwa.Cli.Commands;

internal sealed class RunCommand : DpwaCommand
{
    private const string OnFailure = "on-failure";
    private const string Json = "json";

    private readonly IReadOnlyList<string> _all;
    private readonly Argument<string[]> _command = new("COMMAND") { Description = "The program and its arguments, after '--'. In them {name}, {config} and {index} stand for the worker's own; it also finds them in DPWA_NAME, DPWA_CONFIG, DPWA_WORKER_INDEX and DPWA_WORKER_COUNT.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _config = new("--config") { Description = "The configuration. Without it: dpwa.yaml when it is here, else a temporary one of --workers workers.", HelpName = "FILE" };
    private readonly Option<int?> _workers = new Option<int?>("--workers") { Description = "How many workers; by default all nodes of this machine.", HelpName = "N" }.AtLeast(1);
    private readonly Option<string[]> _names = new("--names") { Description = "Which nodes to start, wherever their hosts seem to be.", HelpName = "w1,w2" };
    private readonly Option<bool> _detach = new("--detach") { Description = "Run in the background; 'dpwa stop' ends it." };
    private readonly Option<bool> _background = new("--background") { Hidden = true };
    private readonly Option<string> _logs = CommonOptions.Logs();
    private readonly Option<string> _restart = new Option<string>("--restart") { Description = "Whether a worker that failed is started again, after 1, 2, 4 … 30 seconds.", DefaultValueFactory = _ => "never" }.AcceptOnlyFromAmong("never", OnFailure);
    private readonly Option<double> _grace = new Option<double>("--grace") { Description = "How many seconds workers have to end before they are forced.", HelpName = "SECONDS", DefaultValueFactory = _ => 10 }.AtLeast(0).AtMostADay();
    private readonly Option<bool> _noPin = new("--no-pin") { Description = "Let workers run on all CPUs instead of giving each its own." };
    private readonly Option<string[]> _custom = CommonOptions.Custom();
    private readonly Option<string> _logFormat = new Option<string>("--log-format") { Description = "Whether what happens, and what workers write, is shown as text or as JSON, one object a line. Workers find it in DPWA_LOG_FORMAT.", DefaultValueFactory = _ => "text" }.AcceptOnlyFromAmong("text", Json);
    private readonly Option<bool> _json = CommonOptions.Json("Short for --log-format json.");

    public RunCommand(IReadOnlyList<string> all)
        : base(
            "run",
            "Starts one process a worker of this machine, shows and logs what they write, and stops them all together.",
            "dpwa run -- dotnet run --no-build -c Release -- --name {name} --config {config}",
            "dpwa run --workers 4 --restart on-failure -- python train.py {name}",
            "dpwa run --config cluster.yaml --detach -- ./train {name}")
    {
        _all = all;
        _command.Validators.Add(RequireDashes);
        Add(_command);
        foreach (var option in new Option[] { _config, _workers, _names, _detach, _background, _logs, _restart, _grace, _noPin, _custom, _logFormat, _json }) Add(option);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var inBackground = arguments.GetValue(_background);
        if (arguments.GetValue(_detach) && !inBackground)
        {
            string[] again = ["run", "--background", .. _all.SkipWhile(argument => argument != "run").Skip(1)];
            return await Background.StartAsync(again, Console.Out.WriteLine, Console.Error.WriteLine).ConfigureAwait(false);
        }

        var grace = TimeSpan.FromSeconds(arguments.GetValue(_grace));
        using var directory = RunDirectory.Claim(arguments.GetRequiredValue(_logs), grace);
        var plan = await RunPlan.MakeAsync(Request(arguments), directory, new SystemHostLookup(), new(new TcpTransport()), new Random(), ct).ConfigureAwait(false);
        var output = Output(arguments);
        output.Planned(plan);

        // After this nothing may be said to the terminal any more, so what shows the run asks anew where to write.
        var group = new WorkerGroup(plan.Workers, new() { OnEvent = what => output.Happened(what), Restart = Policy(arguments), Grace = grace, RunId = directory.Record.RunId });
        await using var _ = group.ConfigureAwait(false);
        using var signals = new StopSignals(group);
        if (inBackground)
        {
            output.InBackground(directory);
            Background.Enter(directory.SupervisorLog);
            output = Output(arguments);
            output.Planned(plan);
        }

        await group.StartAsync().ConfigureAwait(false);
        var results = await group.Completion.ConfigureAwait(false);
        output.Finished(results);
        return results.All(result => result.IsSuccess) ? ExitCode.Ok : ExitCode.Failed;
    }

    // Without them an option of ours with a slip in it would be taken for the command, and an option of the command for ours.
    private void RequireDashes(System.CommandLine.Parsing.ArgumentResult result)
    {
        var ours = result.Tokens.Count - _all.SkipWhile(argument => argument != "--").Skip(1).Count();
        if (ours <= 0) return;
        var first = result.Tokens[0].Value;
        result.AddError(first.StartsWith('-') ? $"There is no option '{first}'." : $"Put '--' before the command: dpwa run -- {first} …");
    }

    private IRunOutput Output(ParseResult arguments) => AsJson(arguments) ? new RunJson() : new RunText();

    private bool AsJson(ParseResult arguments) => arguments.GetValue(_json) || arguments.GetValue(_logFormat) == Json;

    private RestartPolicy Policy(ParseResult arguments) => arguments.GetValue(_restart) == OnFailure ? RestartPolicy.OnFailure : RestartPolicy.Never;

    private RunRequest Request(ParseResult arguments) => new()
    {
        Command = arguments.GetRequiredValue(_command),
        Config = arguments.GetValue(_config),
        Workers = arguments.GetValue(_workers),
        Names = arguments.GetList(_names),
        Pin = !arguments.GetValue(_noPin),
        JsonLogs = AsJson(arguments),
        Extensions = CustomNames.Admit(arguments.GetList(_custom)),
    };
}
