using System.Text.Json;
using System.Text.Json.Serialization;
using Dpwa.Status;

namespace Dpwa;

/// <summary>How a node is, as it says itself: what <c>dpwa status</c>, <c>dpwa top</c> and the dashboard show. Asked for by <see cref="Runtime.NodeQuery"/>; <see cref="DpwaConnection.Status"/> is one's own.</summary>
public sealed record NodeStatus
{
    /// <summary>The longest that is read of another node, in bytes of JSON.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The library's version.</summary>
    public required string Version { get; init; }

    /// <summary>Which life of the node it is; greater in each.</summary>
    public required ulong Incarnation { get; init; }

    /// <summary>Its process id.</summary>
    public required int Process { get; init; }

    /// <summary>When this life began, by its own clock, UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>Now, by its own clock, UTC: how far its clock is from another's.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The clock of the method: +1 at each step, averaged with the peer's.</summary>
    public double Clock { get; init; }

    /// <summary>The steps it has begun.</summary>
    public long Round { get; init; }

    /// <summary>The last loss that it was given; null before the first, and when it is not finite.</summary>
    public double? Loss { get; init; }

    /// <summary>Samples that it has trained on, as far as it was told (<see cref="DpwaConnection.AddSamples"/>); null when never.</summary>
    public long? Samples { get; init; }

    /// <summary>The push-sum weight; 1/N and constant in other methods.</summary>
    public double Weight { get; init; }

    /// <summary>The fingerprint of its model; 0 while it has none.</summary>
    public ulong Fingerprint { get; init; }

    /// <summary>Elements of the model that it publishes.</summary>
    public long Elements { get; init; }

    /// <summary>Bytes of one snapshot.</summary>
    public long SnapshotBytes { get; init; }

    /// <summary>The round in which it last published; null before.</summary>
    public long? PublishedRound { get; init; }

    /// <summary>How often <c>UpdateWait</c> ended in each outcome, in the order of <see cref="UpdateOutcome"/>.</summary>
    public IReadOnlyList<long> Outcomes { get; init; } = [];

    /// <summary>How long <c>UpdateWait</c> has held the trainer in all, in seconds.</summary>
    public double BlockedSeconds { get; init; }

    /// <summary>What it knows of each peer.</summary>
    public IReadOnlyList<PeerStatus> Peers { get; init; } = [];

    /// <summary>The last steps that exchanged, or tried to, oldest first: those after the number that was asked for, as far as they are kept (512).</summary>
    public IReadOnlyList<ExchangeRecord> Exchanges { get; init; } = [];

    /// <summary>A random projection of the parameters of <see cref="PublishedRound"/>, the same at every node, so that <see cref="ConsensusDistance"/> tells how far models are apart. Empty when it was not
    /// asked for, before the first publication, and with a subset.</summary>
    public IReadOnlyList<float> Sketch { get; init; } = [];

    /// <summary>Exchanges that averaged.</summary>
    [JsonIgnore]
    public long Averaged => Outcomes.Count > (int)UpdateOutcome.Averaged ? Outcomes[(int)UpdateOutcome.Averaged] : 0;

    /// <summary>Exchanges that were tried and brought nothing.</summary>
    [JsonIgnore]
    public long Failed => Of(UpdateOutcome.NoPeer) + Of(UpdateOutcome.TimedOut) + Of(UpdateOutcome.Rejected);

    /// <summary>As JSON, UTF-8.</summary>
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, StatusJson.Default.NodeStatus);

    /// <summary>Reads what another node has sent, which is not to be trusted: null when it is no status. Texts are made fit to be shown, and no list or name is null.</summary>
    public static NodeStatus? TryDecode(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, StatusJson.Default.NodeStatus)?.Cleaned();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private NodeStatus Cleaned() => this with
    {
        Name = Clean(Name) ?? "",
        Version = Clean(Version) ?? "",
        Outcomes = Outcomes ?? [],
        Sketch = Sketch ?? [],
        Peers = [.. (Peers ?? []).Where(p => p is not null).Select(p => p with { Name = Clean(p.Name) ?? "", Endpoint = Clean(p.Endpoint) ?? "", LastError = Clean(p.LastError) })],
        Exchanges = [.. (Exchanges ?? []).Select(e => e with { Peer = Clean(e.Peer), Reason = Clean(e.Reason) })],
    };

    private static string? Clean(string? text) => text is null ? null : UntrustedText.Printable(text);

    private long Of(UpdateOutcome outcome) => Outcomes.Count > (int)outcome ? Outcomes[(int)outcome] : 0;
}

/// <summary>One step of a node that exchanged, or tried to.</summary>
/// <param name="Number">Counts them, from 1, in one life of the node.</param>
/// <param name="At">When it was mixed or given up, by the node's clock, UTC.</param>
/// <param name="Round">The step.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Peer">The peer; null when none was asked.</param>
/// <param name="Factor">How much of the peer's parameters was mixed in.</param>
/// <param name="Bytes">Payload bytes.</param>
/// <param name="Waited">How long the trainer was held, in seconds.</param>
/// <param name="Reason">Why nothing was averaged, in words; else null.</param>
public readonly record struct ExchangeRecord(long Number, DateTimeOffset At, long Round, UpdateOutcome Outcome, string? Peer, double Factor, long Bytes, double Waited, string? Reason);

/// <summary>Names in camel case, enumerations by name, unknown members ignored: a newer node may say more.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 8)]
[JsonSerializable(typeof(NodeStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
