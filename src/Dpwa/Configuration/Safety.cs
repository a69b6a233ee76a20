namespace Dpwa;

/// <summary>What a step does with a fetch that has not come in time.</summary>
public enum LateFetch
{
    /// <summary><c>UpdateWait</c> waits for it, never beyond the exchange deadline: the default.</summary>
    Wait,

    /// <summary><c>UpdateWait</c> goes on without it; what comes later is mixed by the next one.</summary>
    Skip,
}

/// <summary>Where a worker's first parameters come from.</summary>
public enum Bootstrap
{
    /// <summary>From its own initialisation: the default.</summary>
    None,

    /// <summary>From a peer that trains already, if there is one, before the first step.</summary>
    Peer,
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

/// <summary>
/// Mutual TLS 1.3 with certificates in files (<c>tls</c>). <c>{name}</c> in a path stands for the worker's name; a relative path is seen from the folder of the configuration file.
/// </summary>
/// <param name="Authority">The cluster's authority: a certificate, PEM. Only what it has signed is let in.</param>
/// <param name="Certificate">The worker's own certificate, PEM.</param>
/// <param name="Key">Its private key, PEM, readable by nobody else.</param>
public sealed record TlsOptions(string Authority, string Certificate, string Key)
{
    /// <summary>The files of a folder that <c>dpwa cert</c> has written.</summary>
    public static TlsOptions Folder(string path) => new(Path.Combine(path, "authority.pem"), Path.Combine(path, "{name}.pem"), Path.Combine(path, "{name}.key"));
}

/// <summary>
/// Where the secret is that all members of a cluster share, at least 128 random bits (<c>cluster_key</c>): a file or an environment variable, never a value in the configuration or an argument.
/// </summary>
/// <param name="File">The file that has it, readable by nobody else; a relative path is seen from the folder of the configuration file. Null when it is in the environment.</param>
/// <param name="Environment">The name of the environment variable that has it; null when it is in a file.</param>
public sealed record ClusterKeySource(string? File = null, string? Environment = null);
