using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dpwa.Security;

namespace Dpwa.Tests.Support;

/// <summary>Who a node of a test is: members of one cluster, and those who are not, or not quite.</summary>
internal static class Identities
{
    public const string Key = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";

    private const string Variable = "DPWA_TESTS_CLUSTER_KEY";

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly X509Certificate2 Authority = NewAuthority("Dpwa cluster authority");

    /// <summary>Where the configuration of a member finds the key.</summary>
    public static ClusterKeySource Source
    {
        get
        {
            Environment.SetEnvironmentVariable(Variable, Key);
            return new ClusterKeySource(Environment: Variable);
        }
    }

    /// <summary>A member of the cluster that has the key.</summary>
    public static NodeIdentity Of(string name, string cluster = "", string key = Key) => ClusterKey.Parse(path: null, key).Mint(cluster, name);

    /// <summary>A member by certificate, valid today.</summary>
    public static NodeIdentity Member(string name) => Certified(name, Now.AddDays(-1), Now.AddDays(1));

    public static NodeIdentity Expired(string name) => Certified(name, Now.AddDays(-30), Now.AddDays(-20));

    public static NodeIdentity NotYetValid(string name) => Certified(name, Now.AddDays(20), Now.AddDays(30));

    /// <summary>Signed by somebody else, who has taken the authority's name. It trusts whom the others trust.</summary>
    public static NodeIdentity OfAnotherAuthority(string name) =>
        new(name, Certificates.Node(NewAuthority("Dpwa cluster authority"), name, NewKey(), Now.AddDays(-1), Now.AddDays(1)), Authority);

    /// <summary>A member, and a certificate for another name that it has signed with its own: a member's certificate signs nobody.</summary>
    public static (X509Certificate2 Signed, X509Certificate2 Member) SignedByMember(string name)
    {
        ECDsa memberKey = NewKey();
        X509Certificate2 member = Certificates.Node(Authority, "w9", memberKey, Now.AddDays(-1), Now.AddDays(1));
        ECDsa key = NewKey();
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        X509Certificate2 signed = request.Create(member.SubjectName, X509SignatureGenerator.CreateForECDsa(memberKey), Now.AddDays(-1), Now.AddDays(1), [1, 2, 3]);
        return (signed.CopyWithPrivateKey(key), member);
    }

    /// <summary>A certificate of the authority that is for something else.</summary>
    public static NodeIdentity ForAnotherUse(string name)
    {
        ECDsa key = NewKey();
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.3")], critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        return Signed(name, request, key);
    }

    /// <summary>A certificate of the authority with this subject.</summary>
    public static NodeIdentity WithSubject(string name, string subject)
    {
        ECDsa key = NewKey();
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        return Signed(name, request, key);
    }

    private static NodeIdentity Certified(string name, DateTimeOffset from, DateTimeOffset until) => new(name, Certificates.Node(Authority, name, NewKey(), from, until), Authority);

    private static NodeIdentity Signed(string name, CertificateRequest request, ECDsa key) =>
        new(name, request.Create(Authority, Now.AddDays(-1), Now.AddDays(1), [1, 2, 3]).CopyWithPrivateKey(key), Authority);

    private static X509Certificate2 NewAuthority(string name) => Certificates.Authority(name, NewKey(), Now.AddDays(-1000), Now.AddDays(1000));

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);
}
