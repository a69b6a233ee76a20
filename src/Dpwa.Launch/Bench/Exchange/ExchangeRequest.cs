namespace Dpwa.Launch.Bench.Exchange;

/// <summary>Which workers measure what.</summary>
public sealed record ExchangeRequest
{
    /// <summary>What is measured.</summary>
    public ExchangeSettings Settings { get; init; } = new();

    /// <summary>The configuration, of which every node takes part. Null: <see cref="Workers"/> workers on this machine.</summary>
    public string? Config { get; init; }

    /// <summary>Which of its nodes to start here. Empty: those of this machine.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>How many workers, without a configuration.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Whether each worker gets CPUs of its own.</summary>
    public bool Pin { get; init; } = true;

    /// <summary>The arguments with which this program, started again, calls <see cref="ExchangeWorker.Run"/>: <c>{job}</c> and <c>{name}</c> are filled in.</summary>
    public required IReadOnlyList<string> WorkerArguments { get; init; }
}
