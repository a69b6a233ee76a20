using System.CommandLine;
using Dpwa.Cli.Commands.Bench;

namespace Dpwa.Cli.Commands;

/// <summary>Only its subcommands do something.</summary>
internal sealed class BenchCommand : DpwaCommand
{
    public BenchCommand()
        : base("bench", "Measures exchanges between workers, mixing and codecs, beside what the machine can do.", "dpwa bench exchange", "dpwa bench exchange --size 200MB --workers 4 --json", "dpwa bench mix")
    {
        Action = null;
        Add(new ExchangeCommand());
        Add(new MixCommand());
        Add(new CodecCommand());
    }

    protected override Task<int> RunAsync(ParseResult arguments, CancellationToken ct) => throw new NotSupportedException("It takes a subcommand.");
}
