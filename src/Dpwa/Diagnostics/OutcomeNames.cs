namespace Dpwa.Diagnostics;

/// <summary>Outcomes as they are in attributes of metrics and activities: words with underscores.</summary>
internal static class OutcomeNames
{
    /// <summary>In the order of <see cref="UpdateOutcome"/>.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<UpdateOutcome>().Select(Of)];

    public static string Of(UpdateOutcome outcome) => outcome switch
    {
        UpdateOutcome.Averaged => "averaged",
        UpdateOutcome.NotFetching => "not_fetching",
        UpdateOutcome.NoPeer => "no_peer",
        UpdateOutcome.TimedOut => "timed_out",
        UpdateOutcome.Late => "late",
        _ => "rejected",
    };
}
