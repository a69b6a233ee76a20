using Dpwa.Launch.Cpus;

namespace Dpwa.Launch.Workers;

/// <summary>One worker to start.</summary>
public sealed record WorkerSpec
{
    /// <summary>Its name, unique in its group: the prefix of its output.</summary>
    public required string Name { get; init; }

    /// <summary>The program: a path, or a name that is looked up on the PATH.</summary>
    public required string FileName { get; init; }

    /// <summary>Its arguments, passed as they are: no shell comes between.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables to set (or, with null, to remove) in the environment that it inherits from us.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>The folder it starts in. Null: ours.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The CPUs it and all its threads may use, from its first instruction on. Null: those that we may use. Ignored where <see cref="Affinity.IsSupported"/> is false.</summary>
    public CpuSet? Cpus { get; init; }

    /// <summary>The file that its output is written to, replaced when the group starts. Null: none.</summary>
    public string? LogFile { get; init; }
}
