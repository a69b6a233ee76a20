using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Dpwa.Cli;

/// <summary>The usual help, and examples below it.</summary>
internal sealed class HelpWithExamples(IReadOnlyList<string> general) : SynchronousCommandLineAction
{
    private readonly HelpAction _usual = new();

    public override int Invoke(ParseResult parseResult)
    {
        var result = _usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Example:");
        foreach (var example in parseResult.CommandResult.Command is DpwaCommand command ? command.Examples : general) output.WriteLine($"  {example}");
        output.WriteLine();
        return result;
    }
}
