using System.CommandLine;
using System.CommandLine.Help;
using Dpwa.Cli.Commands;

namespace Dpwa.Cli;

/// <summary>All commands. A new one is a file in Commands and a line here.</summary>
internal static class DpwaCommandLine
{
    public static Command Create(IReadOnlyList<string> arguments)
    {
        // A RootCommand would be named after the file of this program, which is not what a user types.
        var help = new HelpOption
        {
            Recursive = true,
            Action = new HelpWithExamples([
                "dpwa init --workers 4",
                "dpwa run -- dotnet run --no-build -c Release -- --name {name} --config {config}",
            ]),
        };
        var root = new Command("dpwa", "Distributed training by pair-wise averaging: sets up, checks, runs, stops and measures the workers of a machine, and simulates thousands.")
        {
            help,
            new VersionOption(),
            new InitCommand(),
            new CheckCommand(),
            new RunCommand(arguments),
            new StopCommand(),
            new StatusCommand(),
            new TopCommand(),
            new DashboardCommand(),
            new CertCommand(),
            new BenchCommand(),
            new SimulateCommand(),
        };
        return root;
    }
}
