using System.Globalization;
using Dpwa.Protocol;

namespace Dpwa.Launch.Bench.Exchange;

/// <summary>What a worker does between its exchanges.</summary>
public enum TrainKind
{
    /// <summary>A fixed amount of arithmetic, calibrated once: who takes its CPU makes it last longer.</summary>
    Busy,

    /// <summary>It waits, as a trainer does for its accelerator.</summary>
    Sleep,
}

/// <summary>What is measured; the same for every worker.</summary>
public sealed record ExchangeSettings
{
    /// <summary>The size of the model in bytes.</summary>
    public long Bytes { get; init; } = 45_000_000;

    /// <summary>Into how many tensors it is cut.</summary>
    public int Tensors { get; init; } = 60;

    /// <summary>Steps that are measured in each worker.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Exchanges before that, unmeasured.</summary>
    public int WarmUp { get; init; } = 10;

    /// <summary>How long a training step takes. 0: none.</summary>
    public double TrainMilliseconds { get; init; }

    /// <summary>What a training step does.</summary>
    public TrainKind Train { get; init; } = TrainKind.Busy;

    /// <summary>How parameters travel. Null: as the configuration says.</summary>
    public TransportChoice? Transport { get; init; }

    /// <summary>How they are encoded. Null: as the configuration says.</summary>
    public PayloadCodec? Codec { get; init; }

    /// <summary>How they are applied. Null: as the configuration says.</summary>
    public ApplyForm? Apply { get; init; }

    /// <summary>The bits a second of each worker's link in each direction. Null: as fast as it is.</summary>
    public double? BitsPerSecond { get; init; }

    /// <summary>How long a worker waits for the others to come.</summary>
    public double WaitSeconds { get; init; } = 60;

    /// <summary>The configuration's options with what is measured put in: every step exchanges, and nothing but time is at stake.</summary>
    public DpwaOptions PutInto(DpwaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // The end of a measurement is not to be confused with the end of its patience.
        var patience = TimeSpan.FromSeconds(120 + (8 * Bytes / (BitsPerSecond ?? 1e9) * 8 * options.Nodes.Count));
        return options with
        {
            FetchProbability = 1,
            Interpolation = "constant",
            ConstantValue = 0.5,
            DivergenceThreshold = 0,
            MaxStaleness = null,
            LateFetch = LateFetch.Wait,
            Selector = "random",
            ExchangeDeadline = options.EffectiveDeadline > patience ? options.EffectiveDeadline : patience,
            Transport = Transport ?? options.Transport,
            Codec = Codec ?? options.Codec,
            Apply = Apply ?? options.Apply,
        };
    }

    /// <summary>In one line; workers that measure together must agree on it.</summary>
    internal string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Bytes} bytes in {Tensors} tensors, {Steps} steps after {WarmUp}, {TrainMilliseconds} ms of training ({Words.Of(Train)}), transport {Of(Transport)}, codec {Of(Codec)}, apply {Of(Apply)}");

    private static string Of<T>(T? choice)
        where T : struct, Enum => choice is { } word ? Words.Of(word) : "by the configuration";
}
