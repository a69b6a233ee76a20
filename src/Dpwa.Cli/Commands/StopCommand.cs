using System.CommandLine;
using Dpwa.Cli.Output;
using Dpwa.Launch.Runs;

namespace Dpwa.Cli.Commands;

internal sealed class StopCommand : DpwaCommand
{
    private readonly Option<string> _logs = CommonOptions.Logs();
    private readonly Option<double?> _grace = new Option<double?>("--grace") { Description = "How many seconds it has before it is forced; by default what it was started with.", HelpName = "SECONDS" }.AtLeast(0).AtMostADay();
    private readonly Option<bool> _json = CommonOptions.Json("Say what became of it as JSON.");

    public StopCommand()
        : base("stop", "Stops a run, in the background or not, with all that it has started.", "dpwa stop", "dpwa stop --logs dpwa-logs --grace 60")
    {
        Add(_logs);
        Add(_grace);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var logs = arguments.GetRequiredValue(_logs);
        var grace = arguments.GetValue(_grace) is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var (outcome, processId) = await new RunStopper(TimeProvider.System).StopAsync(logs, grace, ct).ConfigureAwait(false);
        if (arguments.GetValue(_json)) Json.Print(new { Outcome = outcome, ProcessId = processId, Logs = logs });
        else (outcome is StopOutcome.NotRunning ? Console.Error : Console.Out).WriteLine(Describe(outcome, logs, processId));
        return outcome is StopOutcome.NotRunning ? ExitCode.Failed : ExitCode.Ok;
    }

    private static string Describe(StopOutcome outcome, string logs, int? processId) => outcome switch
    {
        StopOutcome.Stopped => $"Stopped the run of process {processId}; its logs are in {logs}.",
        StopOutcome.Forced => $"Ended the run of process {processId} by force; its logs are in {logs}.",
        StopOutcome.CleanedUp => $"The run of process {processId} had been killed; ended what was left of it.",
        _ when processId is null => $"No run is using {logs}: nothing to stop. Was it started with another --logs?",
        _ => $"The run of process {processId} in {logs} is over already: nothing to stop.",
    };
}
