using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dpwa.Security;

/// <summary>What the certificates of a cluster look like: ECDSA on P-256, an authority that signs nodes and nothing else, the node's name as the subject's common name.</summary>
internal static class Certificates
{
    private const string CommonName = "2.5.4.3";
    private static readonly Oid ServerUse = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientUse = new("1.3.6.1.5.5.7.3.2");

    /// <summary>A certificate that signs itself and nodes.</summary>
    public static X509Certificate2 Authority(string subject, ECDsa key, DateTimeOffset from, DateTimeOffset until)
    {
        CertificateRequest request = Request(subject, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(from, until);
    }

    /// <summary>A node's certificate, with its key: it may speak as this node, on either side of a connection, and sign nothing.</summary>
    public static X509Certificate2 Node(X509Certificate2 authority, string name, ECDsa key, DateTimeOffset from, DateTimeOffset until)
    {
        CertificateRequest request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerUse, ClientUse], critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        Span<byte> serial = stackalloc byte[16];
        RandomNumberGenerator.Fill(serial);
        using X509Certificate2 signed = request.Create(authority, from, until, serial);
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>The name that a certificate gives its owner; null when it gives none, or several.</summary>
    public static string? NameOf(X509Certificate2 certificate)
    {
        try
        {
            X500RelativeDistinguishedName[] parts = [.. certificate.SubjectName.EnumerateRelativeDistinguishedNames()];
            return parts is [{ HasMultipleElements: false } only] && only.GetSingleElementType().Value == CommonName ? only.GetSingleElementValue() : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>From when it is valid, UTC.</summary>
    public static DateTime From(X509Certificate2 certificate) => certificate.NotBefore.ToUniversalTime();

    /// <summary>Until when it is valid, UTC.</summary>
    public static DateTime Until(X509Certificate2 certificate) => certificate.NotAfter.ToUniversalTime();

    /// <summary>How a chain is judged: up to this authority and no other, by nothing but what is here.</summary>
    public static X509ChainPolicy Policy(X509Certificate2 authority, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = now.LocalDateTime,
        };
        policy.CustomTrustStore.Add(authority);
        return policy;
    }

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        return new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
    }
}
