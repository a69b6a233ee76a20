namespace Dpwa;

/// <summary>Where a worker's first parameters come from.</summary>
public enum BootstrapSource
{
    /// <summary>From its own initialisation: the default.</summary>
    None,

    /// <summary>From a peer that trains already, if there is one, before the first step.</summary>
    Peer,
}

/// <summary>What <c>UpdateWait</c> does when the fetch has not come.</summary>
public enum LateFetch
{
    /// <summary>It waits, never beyond the exchange's deadline: the default.</summary>
    Wait,

    /// <summary>It goes on without it (<see cref="UpdateOutcome.Late"/>); what comes is mixed by the first <c>UpdateWait</c> that finds it, and until then nothing else is fetched.</summary>
    Skip,
}

/// <summary>What is done with a peer's parameters that are too far from mine.</summary>
public enum DeltaExcess
{
    /// <summary>The difference is shortened to the length that is allowed, which makes the factor smaller: the default.</summary>
    Clip,

    /// <summary>They are not mixed at all.</summary>
    Reject,
}

/// <summary>How far a peer's parameters may be from mine (<c>max_delta_norm</c>).</summary>
/// <param name="Value">The longest difference, as the Euclidean norm over all floating-point parameters and statistics that would be mixed; above 0.</param>
/// <param name="Excess">What is done beyond.</param>
public sealed record DeltaLimit(double Value, DeltaExcess Excess = DeltaExcess.Clip);

/// <summary>When a peer is left alone because what it sends is bad (<c>quarantine</c>).</summary>
/// <param name="After">This many bad payloads more than good ones, from 1 on. Bad is what is damaged, not finite, beyond <see cref="DpwaOptions.MaxDeltaNorm"/>, or breaks the protocol.</param>
/// <param name="For">For how long nothing is asked of it or taken from it; null: 10 minutes.</param>
public sealed record QuarantineOptions(int After = 3, TimeSpan? For = null)
{
    /// <summary>The duration in force.</summary>
    public TimeSpan Duration => For ?? TimeSpan.FromMinutes(10);
}
