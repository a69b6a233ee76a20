using System.CommandLine;
using System.CommandLine.Help;
using Dpwa.Cli.Commands;

namespace Dpwa.Cli;

/// <summary>All commands. A new one is a file in Commands and a line here.</summary>
internal static class DpwaCommandLine
{
    public static RootCommand Create(IReadOnlyList<string> arguments)
    {
        var root = new RootCommand("Distributed training by pair-wise averaging: sets up, checks, runs and stops the workers of a machine.")
        {
            new InitCommand(),
            new CheckCommand(),
            new RunCommand(arguments),
            new StopCommand(),
        };
        root.Options.OfType<HelpOption>().Single().Action = new HelpWithExamples([
            "dpwa init --workers 4",
            "dpwa run -- dotnet run -c Release -- --name {name} --config {config}",
        ]);
        return root;
    }
}
