using System.CommandLine;
using Dpwa.Cli.Output;
using Dpwa.Cli.Output.Bench;
using Dpwa.Launch.Bench.Mix;

namespace Dpwa.Cli.Commands.Bench;

internal sealed class MixCommand : DpwaCommand
{
    private const long Usual = 45_000_000;

    private readonly Option<long?> _size = BenchOptions.Size("The size of the model", Usual);
    private readonly Option<int> _threads = new Option<int>("--threads") { Description = "How many threads do it at once, each to a model of its own.", HelpName = "N", DefaultValueFactory = _ => 1 }.AtLeast(1).AtMost(1024);
    private readonly Option<bool> _json = CommonOptions.Json("Report as JSON.");

    public MixCommand()
        : base("mix", "Measures publishing and mixing in memory, beside a plain copy and a plain blend.", "dpwa bench mix", "dpwa bench mix --size 200MB --threads 2 --json")
    {
        Add(_size);
        Add(_threads);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var isJson = arguments.GetValue(_json);
        var report = await Progress.ShowAsync(isJson, _ => Task.Run(() => MixBench.Run(arguments.GetValue(_size) ?? Usual, arguments.GetValue(_threads), ct), ct)).ConfigureAwait(false);
        if (isJson) Json.PrintMeasures(report);
        else MixTable.Print(report);
        return ExitCode.Ok;
    }
}
