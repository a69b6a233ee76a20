namespace Dpwa.Launch.Bench.Exchange;

/// <summary>What <see cref="ExchangeBench"/> found out, of all workers of this machine. Everything is a worker's; medians, unless it says otherwise. <c>docs/cli.md</c> explains each.</summary>
public sealed record ExchangeReport
{
    /// <summary><c>auto</c>, <c>tcp</c> or <c>shared_memory</c>.</summary>
    public required string Transport { get; init; }

    /// <summary><c>float32</c>, <c>bfloat16</c>, <c>float16</c> or <c>int8</c>.</summary>
    public required string Codec { get; init; }

    /// <summary><c>parameters</c> or <c>delta</c>.</summary>
    public required string Apply { get; init; }

    /// <summary>The model's size.</summary>
    public required long Bytes { get; init; }

    /// <summary>Its tensors.</summary>
    public required int Tensors { get; init; }

    /// <summary>Bytes that travel for one exchange.</summary>
    public required long PayloadBytes { get; init; }

    /// <summary>All workers that exchanged, on all machines.</summary>
    public required int Workers { get; init; }

    /// <summary>Those that this report is of.</summary>
    public required IReadOnlyList<string> Reporting { get; init; }

    /// <summary>Whether each had CPUs of its own.</summary>
    public required bool Pinned { get; init; }

    /// <summary>The limit of each link in bits a second, or null.</summary>
    public required double? RateBitsPerSecond { get; init; }

    /// <summary><c>busy</c> or <c>sleep</c>.</summary>
    public required string Train { get; init; }

    /// <summary>The length of a training step.</summary>
    public required double TrainMs { get; init; }

    /// <summary>Steps that each worker measured in each part.</summary>
    public required int Steps { get; init; }

    /// <summary>Steps of all workers and parts with an exchange that averaged.</summary>
    public required int MeasuredExchanges { get; init; }

    /// <summary>Those with one that did not: they are not timed.</summary>
    public required int FailedExchanges { get; init; }

    /// <summary>Why the last of them did not.</summary>
    public required string? LastFailure { get; init; }

    /// <summary>A whole exchange with nothing else to do.</summary>
    public required Spread ExchangeMs { get; init; }

    /// <summary>What the training thread spends inside UpdateSend and UpdateWait of a step.</summary>
    public required Spread BlockedMs { get; init; }

    /// <summary>By how much a step is longer than without the exchange.</summary>
    public required Spread LostMs { get; init; }

    /// <summary>CPU time of all threads that an exchange takes.</summary>
    public required double CpuMs { get; init; }

    /// <summary>Payload bytes by the time from the request to the last verified byte.</summary>
    public required double MbPerS { get; init; }

    /// <summary>The same of plain sockets between the same processes.</summary>
    public required double RawSocketMbPerS { get; init; }

    /// <summary>A plain copy.</summary>
    public required double MemcpyGbPerS { get; init; }

    /// <summary>The best plain blend.</summary>
    public required double BlendGbPerS { get; init; }

    /// <summary>Our blend.</summary>
    public required double MixGbPerS { get; init; }

    /// <summary>What a warm step allocates.</summary>
    public required long AllocatedBytesPerStep { get; init; }

    /// <summary>Memory of the model and the library beyond that of the idle process.</summary>
    public required double PrivateMb { get; init; }

    /// <summary>Files in shared memory: those of all workers of this machine, each once, divided by the number of workers.</summary>
    public required double SharedMb { get; init; }

    /// <summary>All of that in sizes of the model, which itself is one.</summary>
    public double ModelCopies => (PrivateMb + SharedMb) * 1e6 / Bytes;

    /// <summary>The least that an exchange on one machine can take: the model copied once and blended once.</summary>
    public double LimitMs => (2 * Bytes / (MemcpyGbPerS * 1e6)) + (3 * Bytes / (BlendGbPerS * 1e6));

    /// <summary>The same with as much training between the copy and the blend, as a step has; null without training. Memory is colder then.</summary>
    public double? LimitAroundTrainingMs { get; init; }

    /// <summary>How many times as long an exchange takes.</summary>
    public double OverLimit => ExchangeMs.Median / LimitMs;
}
