using System.Diagnostics.Metrics;

namespace Dpwa.Diagnostics;

/// <summary>The meter <c>Dpwa</c>.</summary>
internal static class DpwaMeter
{
    private static readonly Meter Meter = new("Dpwa");

    private static readonly Counter<long> Exchanges = Meter.CreateCounter<long>("dpwa.exchanges", "{exchange}", "What UpdateWait did, by outcome.");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>("dpwa.bytes.received", "By", "Payload bytes mixed in.");
    private static readonly Counter<long> Skipped = Meter.CreateCounter<long>("dpwa.publish.skipped", "{publish}", "Steps that published nothing, by reason.");
    private static readonly Counter<long> Rejected = Meter.CreateCounter<long>("dpwa.clients.rejected", "{connection}", "Incoming connections that were ended, by kind of failure.");
    private static readonly Counter<long> OneSided = Meter.CreateCounter<long>("dpwa.swaps.one_sided", "{swap}", "Swaps that this node had agreed to and did not apply; the peer may have.");
    private static readonly Counter<long> TooFar = Meter.CreateCounter<long>("dpwa.mixes.limited", "{mix}", "Mixes that max_delta_norm made smaller or refused.");
    private static readonly Counter<long> Quarantines = Meter.CreateCounter<long>("dpwa.peers.quarantined", "{peer}", "Times that a peer was left alone because of what it sent.");
    private static readonly Histogram<double> Wait = Meter.CreateHistogram<double>("dpwa.update_wait.duration", "s", "How long UpdateWait held its caller.");

    public static void Updated(in UpdateResult result)
    {
        Exchanges.Add(1, new KeyValuePair<string, object?>("outcome", Name(result.Outcome)));
        Bytes.Add(result.Bytes);
        Wait.Record(result.Waited.TotalSeconds);
    }

    public static void PublishSkipped(string reason) => Skipped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public static void OneSidedSwap() => OneSided.Add(1);

    public static void PeerTooFar() => TooFar.Add(1);

    public static void PeerQuarantined() => Quarantines.Add(1);

    public static void ClientRejected(string kind) => Rejected.Add(1, new KeyValuePair<string, object?>("kind", kind));

    private static string Name(UpdateOutcome outcome) => outcome switch
    {
        UpdateOutcome.Averaged => "averaged",
        UpdateOutcome.NotFetching => "not_fetching",
        UpdateOutcome.NoPeer => "no_peer",
        UpdateOutcome.TimedOut => "timed_out",
        UpdateOutcome.Late => "late",
        _ => "rejected",
    };
}
