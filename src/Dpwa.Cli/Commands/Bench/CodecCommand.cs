using System.CommandLine;
using Dpwa.Cli.Output;
using Dpwa.Cli.Output.Bench;
using Dpwa.Launch.Bench.Codecs;

namespace Dpwa.Cli.Commands.Bench;

internal sealed class CodecCommand : DpwaCommand
{
    private const long Usual = 40_000_000;

    private readonly Option<long?> _size = BenchOptions.Size("The bytes of the float32 values", Usual);
    private readonly Option<bool> _json = CommonOptions.Json("Report as JSON.");

    public CodecCommand()
        : base("codec", "Measures how fast each codec encodes and decodes normally distributed values, how small they get, and what is lost.", "dpwa bench codec", "dpwa bench codec --size 400MB --json")
    {
        Add(_size);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var isJson = arguments.GetValue(_json);
        var report = await Progress.ShowAsync(isJson, told => Task.Run(
            () =>
            {
                told("encoding and decoding");
                return CodecBench.Run(arguments.GetValue(_size) ?? Usual, ct);
            },
            ct)).ConfigureAwait(false);
        if (isJson) Json.PrintMeasures(report);
        else CodecTable.Print(report);
        return ExitCode.Ok;
    }
}
