namespace Dpwa.Launch.Runs;

/// <summary>Which workers of a cluster to start on this machine, and with what command.</summary>
public sealed record RunRequest
{
    /// <summary>The program and its arguments. In the arguments <c>{name}</c>, <c>{config}</c> and <c>{index}</c> stand for the worker's own.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The configuration. Null: <c>dpwa.yaml</c> here or, when there is none, a temporary one of <see cref="Workers"/> workers.</summary>
    public string? Config { get; init; }

    /// <summary>How many workers. Null: all nodes of the configuration that are on this machine.</summary>
    public int? Workers { get; init; }

    /// <summary>Which nodes to start, wherever their hosts seem to be. Empty: those on this machine.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Whether each worker gets CPUs of its own.</summary>
    public bool Pin { get; init; } = true;

    /// <summary>Whether workers are asked, by <c>DPWA_LOG_FORMAT</c>, to log as JSON. Those that do not know it write as ever.</summary>
    public bool JsonLogs { get; init; }

    /// <summary>Custom factor methods and peer selectors that the configuration may name.</summary>
    public DpwaExtensions Extensions { get; init; } = DpwaExtensions.None;
}
