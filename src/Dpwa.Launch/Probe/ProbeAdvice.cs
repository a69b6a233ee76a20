using Dpwa.Exchange;

namespace Dpwa.Launch.Probe;

/// <summary>What a probe found, in sentences: what it is, and what to do.</summary>
internal static class ProbeAdvice
{
    public static IEnumerable<string> For(DpwaNode node, ProbeResult found)
    {
        if (found.Failure is { } failure) yield return $"{failure.Text.TrimEnd('.')}.";
        var place = NodeReport.PlaceOf(node);
        if (found.Outcome switch
        {
            ProbeOutcome.Stranger => AboutStranger(place, found.Failure?.Kind),
            ProbeOutcome.Silent => $"{place} accepts a connection and then does not answer: is the node suspended or its machine very busy ('--timeout' gives it longer), or does another program listen there?",
            ProbeOutcome.TimedOut => $"Nothing answers at {place}: is the machine up, and does its firewall let port {node.Port} in?",
            ProbeOutcome.Unreachable => $"There is no way to {node.Host}: is its address right, and is this machine in the same network?",
            _ => null,
        } is { } advice) yield return advice;
    }

    private static string AboutStranger(string place, FailureKind? kind) => kind switch
    {
        FailureKind.OtherCluster => $"Two clusters meet at {place}: give one of them another port, or all nodes of one cluster the same 'cluster'.",
        FailureKind.OtherNode => $"The names and addresses of the configurations differ: use one file for all nodes, and see who was started at {place}.",
        FailureKind.NotAuthenticated => $"Whether {place} is the node, cannot be said before both sides know each other: 'dpwa cert' makes certificates and cluster keys.",
        // A node hangs up when it is spoken to in another version, and when it has no connection left.
        FailureKind.Closed => $"What listens at {place} is another program, or a node of another version of Dpwa, or one that has no connection left.",
        _ => $"What listens at {place} is another program or another version of Dpwa: stop it, give the node another port, or install the same version everywhere.",
    };
}
