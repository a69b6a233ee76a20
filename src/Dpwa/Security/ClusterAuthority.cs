using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dpwa.Security;

/// <summary>
/// The authority of a cluster: whoever it has signed a certificate for is let in. Its private key signs new members, so it is kept away from the workers, which need only its certificate.
/// </summary>
public sealed class ClusterAuthority : IDisposable
{
    private readonly X509Certificate2 _certificate;

    private ClusterAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>Until when it is valid.</summary>
    public DateTimeOffset Until => new(Certificates.Until(_certificate));

    /// <summary>A new one, with a new key.</summary>
    /// <param name="from">From when it is valid.</param>
    /// <param name="until">Until when.</param>
    public static ClusterAuthority Create(DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(Certificates.Authority("Dpwa cluster authority", key, from, until));
    }

    /// <summary>One that has been made before.</summary>
    /// <param name="certificatePath">Its certificate, PEM.</param>
    /// <param name="keyPath">Its private key, PEM, readable by its owner only.</param>
    /// <exception cref="DpwaConfigurationException">A file cannot be read or used.</exception>
    public static ClusterAuthority Load(string certificatePath, string keyPath)
    {
        string certificate = SecretFile.ReadPublic(certificatePath, "the certificate of the cluster's authority");
        string key = SecretFile.ReadSecret(keyPath, "the private key of the cluster's authority");
        try
        {
            return new(X509Certificate2.CreateFromPem(certificate, key));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw SecretFile.Wrong(keyPath, $"this key and the certificate {certificatePath} are no authority: {e.Message}");
        }
    }

    /// <summary>A certificate for a node, with a new key.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="from">From when it is valid, or from when the authority is, whichever is later.</param>
    /// <param name="until">Until when it is valid, or until when the authority is, whichever is sooner.</param>
    public IssuedCertificate Issue(string name, DateTimeOffset from, DateTimeOffset until)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (DateTimeOffset first, DateTimeOffset last) = (new(Certificates.From(_certificate)), Until);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Certificates.Node(_certificate, name, key, from < first ? first : from, until > last ? last : until);
        return new(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), new(Certificates.Until(certificate)));
    }

    /// <summary>The authority's own certificate and key.</summary>
    public IssuedCertificate Export()
    {
        using ECDsa key = _certificate.GetECDsaPrivateKey()!;
        return new(_certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), Until);
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();
}

/// <summary>A certificate and its private key.</summary>
/// <param name="certificate">The certificate, PEM.</param>
/// <param name="key">The private key, PEM.</param>
/// <param name="until">Until when it is valid.</param>
public sealed class IssuedCertificate(string certificate, string key, DateTimeOffset until)
{
    /// <summary>The certificate, PEM; everybody may see it.</summary>
    public string Certificate => certificate;

    /// <summary>Until when it is valid.</summary>
    public DateTimeOffset Until => until;

    /// <summary>The private key, PEM. A method, so that nothing that shows properties shows it.</summary>
    public string ExportKey() => key;

    /// <summary>Nothing that is secret.</summary>
    public override string ToString() => $"a certificate until {until:u}";
}
