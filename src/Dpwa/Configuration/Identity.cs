namespace Dpwa;

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
