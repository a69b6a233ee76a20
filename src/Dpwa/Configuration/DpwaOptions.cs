using Dpwa.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dpwa;

/// <summary>In which form a peer's parameters are applied.</summary>
public enum ApplyForm
{
    /// <summary><c>x ← (1−a)·x + a·peer</c> with x after the local step: the form of the original, and the default.</summary>
    Parameters,

    /// <summary><c>x ← x + a·(peer − own snapshot)</c>: a step that was trained during the fetch is kept whole.</summary>
    Delta,
}

/// <summary>How parameters travel to who fetches them.</summary>
public enum TransportChoice
{
    /// <summary>Through shared memory when the peer is on the same host and permits it, else over TCP: the default.</summary>
    Auto,

    /// <summary>Always over TCP.</summary>
    Tcp,

    /// <summary>Through shared memory only: a peer that cannot be read that way counts as failed, with the reason.</summary>
    SharedMemory,
}

/// <summary>The configuration of a cluster. Every default is the behaviour of the original dpwa.</summary>
public sealed record DpwaOptions
{
    /// <summary>The workers, every one the same list (<c>nodes</c>). It is copied: a later change of the list given here is not seen.</summary>
    public IReadOnlyList<DpwaNode> Nodes
    {
        get;

        // Null is kept for Validate to report with everything else.
        init => field = value is null ? null! : Configuration.ValueList<DpwaNode>.Of(value);
    } = Configuration.ValueList<DpwaNode>.Empty;

    /// <summary>The chance in [0, 1] that an <c>UpdateSend</c> starts a fetch (<c>fetch_probability</c>, 1).</summary>
    public double FetchProbability { get; init; } = 1;

    /// <summary>How long one operation on a connection may take at most, and in which 64 KiB must move (<c>timeout_ms</c>, 2500). Of a peer that has answered before less is waited
    /// for: as much as it has needed, with a margin (<see cref="PeerStatus.Latency"/>).</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(2500);

    /// <summary>How long a whole exchange may take, other peers tried included (<c>exchange_deadline_ms</c>). Null: by the model, see <see cref="DeadlineFor"/>.</summary>
    public TimeSpan? ExchangeDeadline { get; init; }

    /// <summary>The factor method: <c>constant</c>, <c>clock</c>, <c>loss</c>, or one registered in <see cref="Extensions"/> (<c>interpolation</c>, constant).</summary>
    public string Interpolation { get; init; } = "constant";

    /// <summary>The factor of the constant method, in [0, 1] (<c>constant: {value}</c>, 0.5).</summary>
    public double ConstantValue { get; init; } = 0.5;

    /// <summary>The threshold t: below it the factor is scaled by <c>loss / t</c>; 0 is off (<c>divergence_threshold</c>, 0).</summary>
    public double DivergenceThreshold { get; init; }

    /// <summary>The form of averaging (<c>apply</c>, parameters).</summary>
    public ApplyForm Apply { get; init; } = ApplyForm.Parameters;

    /// <summary>Who is fetched from: <c>random</c> (flow-control scored), or one registered in <see cref="Extensions"/> (<c>selector</c>, random).</summary>
    public string Selector { get; init; } = "random";

    /// <summary>The method whose settings are the defaults of the others (<c>method</c>, dpwa); set by <see cref="GossipMethods.Options"/>. By itself it changes nothing.</summary>
    public string Method { get; init; } = "dpwa";

    /// <summary>What one exchange does (<c>exchange</c>, pull).</summary>
    public ExchangeKind Exchange { get; init; }

    /// <summary>Whom a node exchanges with (<c>topology</c>, random). A scheduled partner that is down or busy is replaced by a random one.</summary>
    public Topology Topology { get; init; }

    /// <summary>The edges of the topology graph (<c>graph</c>, empty).</summary>
    public IReadOnlyList<GraphEdge> Graph
    {
        get;
        init => field = value is null ? null! : Configuration.ValueList<GraphEdge>.Of(value);
    } = Configuration.ValueList<GraphEdge>.Empty;

    /// <summary>Publish and exchange at every n-th step only (<c>exchange_every</c>, 1); the steps between are local.</summary>
    public int ExchangeEvery { get; init; } = 1;

    /// <summary>The fraction in (0, 1] of the float32 parameters that one exchange moves (<c>subset</c>, 1): whole blocks that seed and round choose (SPARTA).</summary>
    public double Subset { get; init; } = 1;

    /// <summary>The outer optimizer (<c>outer: {alpha, beta, gamma}</c>); null: none, and a peer's parameters are mixed as they are.</summary>
    public OuterOptimizerOptions? Outer { get; init; }

    /// <summary>How parameters travel (<c>transport</c>, auto). Connections are made over TCP whatever is chosen.</summary>
    public TransportChoice Transport { get; init; }

    /// <summary>How float32 parameters are encoded when this node fetches over a network (<c>codec</c>, float32: every tensor in its own element type).
    /// A peer that does not know the codec sends float32. Shared memory needs none.</summary>
    public PayloadCodec Codec { get; init; }

    /// <summary>A snapshot older than this is refused (<c>max_staleness</c>). Null: any age is accepted.</summary>
    public TimeSpan? MaxStaleness { get; init; }

    /// <summary>The name of the cluster: nodes of another are refused (<c>cluster</c>, empty).</summary>
    public string Cluster { get; init; } = "";

    /// <summary>To how many others at once this node sends parameters (<c>max_serves</c>, 16); the next is told that it is busy, and asks another.</summary>
    public int MaxServes { get; init; } = 16;

    /// <summary>Where the first parameters come from (<c>bootstrap</c>, none).</summary>
    public BootstrapSource Bootstrap { get; init; }

    /// <summary>How many connections others may hold open to this node (<c>max_connections</c>, 256), and as many again on which no request has come yet; beyond it the longest idle is closed, a member's for another member
    /// only.</summary>
    public int MaxConnections { get; init; } = 256;

    /// <summary>What <c>UpdateWait</c> does when the fetch has not come (<c>late_fetch</c>, wait).</summary>
    public LateFetch LateFetch { get; init; }

    /// <summary>How far a peer's parameters may be from mine (<c>max_delta_norm</c>). Null: any distance.</summary>
    public DeltaLimit? MaxDeltaNorm { get; init; }

    /// <summary>When a peer that sends bad payloads is left alone (<c>quarantine</c>). Null: never; each bad payload is still refused.</summary>
    public QuarantineOptions? Quarantine { get; init; }

    /// <summary>Mutual TLS with certificates in files (<c>tls</c>). Null: none.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>Mutual TLS with certificates that every node makes for itself from a shared secret (<c>cluster_key</c>). Null: none.</summary>
    public ClusterKeySource? ClusterKey { get; init; }

    /// <summary>Seeds this node's own random draws, and what all nodes must draw alike: the round's matching, the subset's blocks (<c>seed</c>). Null: the former from the
    /// system, the latter as if it were 0. The process-wide random state is never touched.</summary>
    public int? Seed { get; init; }

    /// <summary>Custom factor methods and peer selectors. Give them to <see cref="Load(string, DpwaExtensions)"/> so that the file may name them.</summary>
    public DpwaExtensions Extensions { get; init; } = DpwaExtensions.None;

    /// <summary>Where log messages go; by default nowhere, but for one: who can be reached from other machines and lets in everybody says so on the standard error stream.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock of time-outs and ages; by default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The file that this came from, or null.</summary>
    public string? Source { get; init; }

    /// <summary>The deadline in force for a small model; for any other see <see cref="DeadlineFor"/>.</summary>
    public TimeSpan EffectiveDeadline => DeadlineFor(0);

    /// <summary>The deadline in force for a model: <see cref="ExchangeDeadline"/>; where that is not given ten times <see cref="Timeout"/>, or, where that is longer, twice the time that its bytes
    /// take at 12.5 MB/s, which is 100 Mbit/s.</summary>
    /// <param name="bytes">What a snapshot of it takes, not encoded.</param>
    public TimeSpan DeadlineFor(long bytes)
    {
        const double slowLink = 12.5e6;
        var size = TimeSpan.FromSeconds(2 * bytes / slowLink);
        TimeSpan operations = 10 * Timeout;
        return ExchangeDeadline ?? (size > operations ? size : operations);
    }

    /// <summary>Reads a YAML file: the original's (a list of one-key maps) or a plain map.</summary>
    /// <exception cref="DpwaConfigurationException">The file is missing or wrong; every error with its line and column.</exception>
    public static DpwaOptions Load(string path) => Load(path, DpwaExtensions.None);

    /// <summary>Reads a YAML file that may name what <paramref name="extensions"/> registers.</summary>
    /// <exception cref="DpwaConfigurationException">The file is missing or wrong; every error with its line and column.</exception>
    public static DpwaOptions Load(string path, DpwaExtensions extensions) => Configuration.ConfigurationReader.Load(path, extensions);

    /// <summary>Reads YAML text.</summary>
    /// <exception cref="DpwaConfigurationException">The text is wrong; every error with its line and column.</exception>
    public static DpwaOptions Parse(string yaml) => Parse(yaml, DpwaExtensions.None);

    /// <summary>Reads YAML text that may name what <paramref name="extensions"/> registers.</summary>
    /// <exception cref="DpwaConfigurationException">The text is wrong; every error with its line and column.</exception>
    public static DpwaOptions Parse(string yaml, DpwaExtensions extensions) => Configuration.ConfigurationReader.Parse(yaml, file: null, extensions);

    /// <summary>Throws when this cannot be used, with every error found. <see cref="DpwaConnection"/> calls it.</summary>
    /// <exception cref="DpwaConfigurationException">Every error found.</exception>
    public void Validate() => Configuration.OptionsValidator.ThrowIfInvalid(this);

    /// <summary>The node of this name.</summary>
    /// <exception cref="DpwaConfigurationException">There is none; the message lists the names and the nearest.</exception>
    public DpwaNode Node(string name) => Configuration.OptionsValidator.FindNode(this, name);
}
