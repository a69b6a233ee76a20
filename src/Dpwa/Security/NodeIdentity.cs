using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dpwa.Security;

/// <summary>Who a process is, as it can prove: its name, in a certificate of the cluster's authority, and the key to that.</summary>
public sealed class NodeIdentity
{
    internal NodeIdentity(string name, X509Certificate2 certificate, X509Certificate2 authority)
    {
        (Name, Authority) = (name, authority);

        // Windows takes no key that is in memory only.
        X509Certificate2 usable = OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null) : certificate;
        Certificate = SslStreamCertificateContext.Create(usable, additionalCertificates: null, offline: true);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Until when others accept it: its certificate and its authority's are valid.</summary>
    public DateTimeOffset ValidUntil
    {
        get
        {
            (DateTime own, DateTime authority) = (Certificates.Until(Certificate.TargetCertificate), Certificates.Until(Authority));
            return new(own < authority ? own : authority);
        }
    }

    /// <summary>The certificate and its key, made ready for many connections.</summary>
    internal SslStreamCertificateContext Certificate { get; }

    /// <summary>Whose certificates are trusted.</summary>
    internal X509Certificate2 Authority { get; }

    /// <summary>A node's, as <c>tls</c> or <c>cluster_key</c> say; null when the options have neither.</summary>
    /// <exception cref="DpwaConfigurationException">The options, a certificate or a key cannot be used.</exception>
    public static NodeIdentity? Load(DpwaOptions options, string name)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(name);
        if (options is { Tls: null, ClusterKey: null })
            return null;
        options.Validate();
        return options.ClusterKey is { } key ? ClusterKey.Load(options, key).Mint(options.Cluster, name) : FromFiles(options, options.Tls!, name, expected: name);
    }

    /// <summary>That of who asks the nodes how they are: with <c>tls</c> the operator's certificate, or that of any node whose key is on this machine.</summary>
    /// <exception cref="DpwaConfigurationException">The options, a certificate or a key cannot be used, or there is none here.</exception>
    public static NodeIdentity? LoadOperator(DpwaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Tls is not { } tls)
            return Load(options, DpwaNode.Operator);
        options.Validate();
        foreach (string name in options.Nodes.Select(node => node.Name).Prepend(DpwaNode.Operator))
        {
            if (File.Exists(Path(options, tls.Certificate, name)) && File.Exists(Path(options, tls.Key, name)))
                return FromFiles(options, tls, name, expected: null);
        }

        string looked = Path(options, tls.Key, DpwaNode.Operator);
        throw SecretFile.Wrong(options.Source, $"tls: neither the operator's certificate and key are here nor those of a node (looked for {looked} first): copy one of them here from where 'dpwa cert' wrote them");
    }

    /// <summary>The name; nothing that is secret.</summary>
    public override string ToString() => Name;

    private static NodeIdentity FromFiles(DpwaOptions options, TlsOptions tls, string name, string? expected)
    {
        string authorityPath = Path(options, tls.Authority, name);
        string certificatePath = Path(options, tls.Certificate, name);
        string keyPath = Path(options, tls.Key, name);
        X509Certificate2 authority = Parse(authorityPath, () => X509Certificate2.CreateFromPem(SecretFile.ReadPublic(authorityPath, "the certificate of the cluster's authority")));
        string pem = SecretFile.ReadPublic(certificatePath, $"the certificate of {name}");
        string key = SecretFile.ReadSecret(keyPath, $"the private key of {name}");
        X509Certificate2 certificate = Parse(keyPath, () => X509Certificate2.CreateFromPem(pem, key));
        string called = Certificates.NameOf(certificate) ?? throw SecretFile.Wrong(certificatePath, "this certificate names no node: its subject must be the node's name (CN) alone");
        if (expected is not null && called != expected)
            throw SecretFile.Wrong(certificatePath, $"this is the certificate of '{UntrustedName(called)}', and this node is '{expected}'");
        ThrowUnlessSigned(certificate, authority, certificatePath, authorityPath, options.TimeProvider.GetUtcNow());
        return new(called, certificate, authority);
    }

    /// <summary>What others would refuse is told here, at once and to whom it concerns.</summary>
    private static void ThrowUnlessSigned(X509Certificate2 certificate, X509Certificate2 authority, string path, string authorityPath, DateTimeOffset now)
    {
        using var chain = new X509Chain { ChainPolicy = Certificates.Policy(authority, now) };
        if (chain.Build(certificate))
            return;
        bool isLate = now.UtcDateTime > Certificates.Until(certificate) || now.UtcDateTime > Certificates.Until(authority);
        throw SecretFile.Wrong(path, chain.ChainStatus.Any(s => s.Status == X509ChainStatusFlags.NotTimeValid) && chain.ChainStatus.All(s => s.Status == X509ChainStatusFlags.NotTimeValid)
            ? $"this certificate is valid from {Certificates.From(certificate):u} to {Certificates.Until(certificate):u}, its authority until {Certificates.Until(authority):u}, and it is {now:u} now: {(isLate ? "'dpwa cert --renew' makes a new one" : "is the clock of this machine right?")}"
            : $"this certificate has not been signed by the authority {authorityPath}: take both from one folder that 'dpwa cert' has written");
    }

    private static string UntrustedName(string name) => string.Concat(name.Take(255).Select(c => char.IsControl(c) ? ' ' : c));

    private static X509Certificate2 Parse(string path, Func<X509Certificate2> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw SecretFile.Wrong(path, $"this is not what it should be, PEM as 'dpwa cert' writes it: {e.Message}");
        }
    }

    private static string Path(DpwaOptions options, string pattern, string name) => SecretFile.Locate(options, pattern.Replace("{name}", name, StringComparison.Ordinal));
}
