using Dpwa.Protocol;

namespace Dpwa.Averaging;

/// <summary>What a node has decided about one <c>UpdateWait</c>.</summary>
/// <param name="Outcome">What happened.</param>
/// <param name="Peer">The peer of the exchange or of its last attempt; null when none was asked.</param>
/// <param name="Factor">The factor to mix with; 0 unless averaged.</param>
/// <param name="PeerClock">The peer's clock.</param>
/// <param name="PeerLoss">The peer's loss.</param>
/// <param name="Payload">What to mix, leased: whoever reads the decision disposes it. Null unless averaged.</param>
/// <param name="Own">My snapshot for the delta form; null in the parameters form, and when it has been used already: the same difference applied again
/// and again would not contract but run away, so a step that published nothing is mixed in the convex form.</param>
/// <param name="Reason">Why nothing is mixed, in words.</param>
public readonly record struct Decision(
    UpdateOutcome Outcome, string? Peer, double Factor, double PeerClock, double PeerLoss, IPayload? Payload, IPayload? Own, string? Reason)
{
    /// <summary>There is nothing to mix, and nobody was asked.</summary>
    internal static Decision Nothing(string? reason) => new(UpdateOutcome.NotFetching, null, 0, 0, 0, null, null, reason);

    /// <summary>How <see cref="Payload"/> is encoded.</summary>
    public PayloadCodec Codec { get; init; }

    /// <summary>How far the peer's parameters were from mine, measured only with <see cref="DpwaOptions.MaxDeltaNorm"/>.</summary>
    public double? DeltaNorm { get; init; }

    /// <summary>What was done about a distance beyond the limit; null when it was within.</summary>
    public DeltaExcess? Excess { get; init; }

    /// <summary>Whether the limit has changed anything.</summary>
    public bool WasLimited => Excess is not null || Incoming?.Excess is not null;

    /// <summary>What a peer has pushed here, or gives in a swap that it asked for; to be mixed after <see cref="Payload"/>. Null when there is none.</summary>
    public IncomingMix? Incoming { get; init; }

    /// <summary>The peer's round in which <see cref="Payload"/> was published, as it says: any number.</summary>
    public ulong Round { get; init; }

    /// <summary>How old <see cref="Payload"/> is when it is mixed, at most.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>The time from the request to the last verified byte.</summary>
    public TimeSpan Transfer { get; init; }

    /// <summary>The same within a limit. The step is <c>a·d</c> with the difference d, so a d clipped to the limit is a factor made smaller: <c>a·limit/‖d‖</c>.</summary>
    /// <param name="norm">‖d‖.</param>
    /// <param name="limit">The limit.</param>
    public Decision Limit(double norm, DeltaLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        if (norm <= limit.Value)
            return this with { DeltaNorm = norm };

        // Beyond the largest float a difference may be infinite, and no factor makes that small.
        return limit.Excess == DeltaExcess.Clip && norm <= float.MaxValue
            ? this with { Factor = Factor * (limit.Value / norm), DeltaNorm = norm, Excess = DeltaExcess.Clip }
            : this with { Outcome = UpdateOutcome.Rejected, Factor = 0, DeltaNorm = norm, Excess = DeltaExcess.Reject, Reason = $"the parameters of {Peer} are {norm:0.###} away from mine, more than max_delta_norm ({limit.Value:0.###}): one of the two diverges, or the limit is below what is usual (UpdateResult.DeltaNorm)" };
    }

    /// <summary>What the caller is told once all of this has been mixed. Parameters that changed are an average, whoever began the exchange.</summary>
    /// <param name="waited">How long the caller was held.</param>
    public UpdateResult ToResult(TimeSpan waited)
    {
        IncomingResult? incoming = Incoming is { Excess: not DeltaExcess.Reject } i ? new(i.Peer, i.Factor, i.PeerClock, i.PeerLoss, i.Payload.Length) : null;
        var own = new UpdateResult(Outcome, Peer, Factor, PeerClock, PeerLoss, Payload?.Length ?? 0, waited) { Reason = Reason, Transfer = Transfer, Age = Age, Incoming = incoming, DeltaNorm = DeltaNorm };
        return incoming is not { } only || Outcome == UpdateOutcome.Averaged ? own : own with
        {
            Outcome = UpdateOutcome.Averaged,
            Peer = only.Peer,
            Factor = only.Factor,
            PeerClock = only.PeerClock,
            PeerLoss = only.PeerLoss,
            Bytes = only.Bytes,
            Age = Incoming?.Age ?? default,
            DeltaNorm = Incoming?.DeltaNorm,
        };
    }
}

/// <summary>What a peer has offered, to be mixed.</summary>
/// <param name="Peer">Whose it is.</param>
/// <param name="Factor">The factor to mix with.</param>
/// <param name="PeerClock">The peer's clock.</param>
/// <param name="PeerLoss">The peer's loss.</param>
/// <param name="Payload">What to mix, leased: whoever reads the decision disposes it.</param>
/// <param name="Own">My snapshot for the delta form, as in <see cref="Decision.Own"/>; not to be disposed, and not to be read after the next <c>UpdateSend</c>.</param>
public readonly record struct IncomingMix(string Peer, double Factor, double PeerClock, double PeerLoss, IPayload Payload, IPayload? Own)
{
    /// <summary>How <see cref="Payload"/> is encoded.</summary>
    public PayloadCodec Codec { get; init; }

    /// <summary>The peer's round in which <see cref="Payload"/> was published, as it says: any number.</summary>
    public ulong Round { get; init; }

    /// <summary>As <see cref="Decision.Age"/>.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>As <see cref="Decision.DeltaNorm"/>.</summary>
    public double? DeltaNorm { get; init; }

    /// <summary>As <see cref="Decision.Excess"/>.</summary>
    public DeltaExcess? Excess { get; init; }

    /// <summary>The same as what a fetch of one's own would have brought.</summary>
    public Decision ToDecision() => new(UpdateOutcome.Averaged, Peer, Factor, PeerClock, PeerLoss, Payload, Own, null) { Codec = Codec, Round = Round };
}
