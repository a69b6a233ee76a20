namespace Dpwa.Simulation;

/// <summary>A hash over everything that happened, in order: two runs with one hash went alike. The finaliser of SplitMix64 over each number in turn.</summary>
internal struct TraceHash
{
    /// <summary>The hash so far; 0 before anything.</summary>
    public ulong Value { get; private set; }

    /// <summary>Something happened.</summary>
    public void Add(ulong number)
    {
        unchecked
        {
            ulong mixed = (Value ^ number) + 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            Value = mixed ^ (mixed >> 31);
        }
    }
}
