using System.Diagnostics;

namespace Dpwa.Diagnostics;

/// <summary>The activity source <c>Dpwa</c>: one activity an exchange, from the <c>UpdateSend</c> that began it to the <c>UpdateWait</c> that mixed it. The user's own activity, if there is one, is its parent.</summary>
internal static class DpwaTracing
{
    private static readonly ActivitySource Source = new(DpwaMeter.Name, DpwaMeter.Version);

    public static bool IsOn => Source.HasListeners();

    /// <summary>Made when it is over, since until then it must not be the parent of what the trainer does meanwhile.</summary>
    public static void Exchange(string node, in UpdateResult result, DateTimeOffset began, DateTimeOffset ended)
    {
        using Activity? activity = Source.StartActivity("dpwa.exchange", ActivityKind.Client, parentContext: default, tags: null, links: null, startTime: began);
        if (activity is null)
            return;
        activity.SetTag("dpwa.node", node);
        activity.SetTag("dpwa.outcome", OutcomeNames.Of(result.Outcome));
        activity.SetTag("dpwa.peer", result.Peer);
        activity.SetTag("dpwa.waited", result.Waited.TotalSeconds);
        if (result.Outcome == UpdateOutcome.Averaged)
        {
            activity.SetTag("dpwa.factor", result.Factor);
            activity.SetTag("dpwa.bytes", result.Bytes);
            activity.SetTag("dpwa.staleness", result.Age.TotalSeconds);
            activity.SetTag("dpwa.transfer", result.Transfer.TotalSeconds);
        }
        else
        {
            activity.SetTag("error.type", OutcomeNames.Of(result.Outcome));
            activity.SetStatus(ActivityStatusCode.Error, result.Reason);
        }

        activity.SetEndTime(ended.UtcDateTime);
    }
}
