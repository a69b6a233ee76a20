namespace Dpwa.Tests.Faults;

/// <summary>What can go wrong.</summary>
internal enum FaultKind
{
    Delayed,
    Slow,
    Cut,
    Corrupted,
    Silenced,
    Lost,
    Doubled,
    Refused,
    Unanswered,
    Reset,
    LateConnection,
    OneWayCut,
    Partition,
    Crash,
    PowerLoss,
    Pause,
}

/// <summary>Faults that really happened, by kind, and what the runs did beside.</summary>
internal sealed class FaultCounts
{
    private readonly long[] _faults = new long[Enum.GetValues<FaultKind>().Length];

    public long Steps { get; set; }

    public long Mixes { get; set; }

    public long Bootstraps { get; set; }

    public long Events { get; set; }

    public long this[FaultKind kind] => _faults[(int)kind];

    public void Add(FaultKind kind) => _faults[(int)kind]++;

    public void Add(FaultCounts other)
    {
        for (int i = 0; i < _faults.Length; i++)
            _faults[i] += other._faults[i];
        (Steps, Mixes, Bootstraps, Events) = (Steps + other.Steps, Mixes + other.Mixes, Bootstraps + other.Bootstraps, Events + other.Events);
    }

    public override string ToString() =>
        $"{Steps} steps, {Mixes} mixes, {Bootstraps} late joins, {Events} events; faults: {_faults.Sum()}: {string.Join(", ", Enum.GetValues<FaultKind>().Select(kind => $"{kind} {this[kind]}"))}";
}

/// <summary>Something happened that must not, whatever goes wrong.</summary>
internal sealed class FaultViolation(string what) : Exception(what);
