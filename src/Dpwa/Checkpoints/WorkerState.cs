namespace Dpwa;

/// <summary>
/// What a worker is beside its model, to be kept with a checkpoint of that and given back when training goes on from there (<see cref="DpwaConnection.ImportState"/>). What it knows of
/// its peers is not part of it: a worker that comes back learns that anew.
/// </summary>
/// <param name="Clock">The clock: +1 at each <c>UpdateSend</c>, averaged with the peer's at each exchange; finite, at least 0.</param>
/// <param name="Round">The number of steps begun; from 0 to 2^53. It decides whose turn it is, which steps are local ones, and which part of the model moves.</param>
/// <param name="Weight">The push-sum weight of the parameters, above 0. What is in limbo is not in it: a worker that ends loses that.</param>
/// <param name="Outer">What the outer optimizer remembers; null without one, and before the first <c>UpdateSend</c> that publishes.</param>
public sealed record WorkerState(double Clock, long Round, double Weight, OuterOptimizerState? Outer)
{
    /// <summary>Beyond this a round is no round: it would run over in the end.</summary>
    internal const ulong MostRounds = 1UL << 53;

    /// <summary>What is impossible in it; null when nothing is.</summary>
    internal string? Problem() =>
        !double.IsFinite(Clock) || Clock < 0 ? $"the clock {Clock} is not a finite number ≥ 0"
        : Round is < 0 or > (long)MostRounds ? $"the round {Round} is not from 0 to 2^53"
        : !double.IsFinite(Weight) || Weight <= 0 ? $"the weight {Weight} is not a finite number > 0"
        : null;
}
