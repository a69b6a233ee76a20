using System.CommandLine;

namespace Dpwa.Cli;

/// <summary>A command of ours: its help ends with examples.</summary>
internal abstract class DpwaCommand : Command
{
    protected DpwaCommand(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        SetAction(RunAsync);
    }

    public IReadOnlyList<string> Examples { get; }

    /// <summary>Does it.</summary>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(ParseResult arguments, CancellationToken ct);
}
