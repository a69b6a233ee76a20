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

    /// <summary>What a user types for it.</summary>
    public string Typed => Parents.OfType<Command>().FirstOrDefault() switch
    {
        DpwaCommand above => $"{above.Typed} {Name}",
        { } root => $"{root.Name} {Name}",
        null => Name,
    };

    /// <summary>Does it.</summary>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(ParseResult arguments, CancellationToken ct);
}
