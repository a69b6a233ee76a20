using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Dpwa.Security;

/// <summary>
/// The secret that all members of a cluster share. From it and the cluster's name each derives the same authority (HKDF-SHA256, RFC 5869), and mints its own certificate. Nothing in
/// it depends on the time, so machines whose clocks differ agree; and it is never shown.
/// </summary>
internal sealed class ClusterKey
{
    private const int LeastBytes = 16;
    private const int LeastDifferent = 8;
    private const int MostAttempts = 256;

    // Who has the key can make any certificate: an end of its validity would keep out nobody but those whose clock is wrong.
    private static readonly DateTimeOffset Always = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset Forever = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The number of points of P-256 (FIPS 186-4, D.1.2.3): a private key is from 1 to one less.</summary>
    private static readonly byte[] Order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    private readonly byte[] _secret;

    private ClusterKey(byte[] secret) => _secret = secret;

    /// <summary>Reads it from where the options say.</summary>
    /// <exception cref="DpwaConfigurationException">It is not there, can be read by others, or is too weak.</exception>
    public static ClusterKey Load(DpwaOptions options, ClusterKeySource source)
    {
        if (source.File is { } file)
        {
            string path = SecretFile.Locate(options, file);
            return Parse(path, SecretFile.ReadSecret(path, "the cluster key"));
        }

        string variable = source.Environment!;
        string? text = Environment.GetEnvironmentVariable(variable);
        return Parse(options.Source, !string.IsNullOrWhiteSpace(text) ? text : throw SecretFile.Wrong(options.Source, $"cluster_key: the environment variable {variable} is not set"), $"cluster_key in {variable}");
    }

    /// <summary>Hexadecimal digits or base64, of at least 128 random bits.</summary>
    public static ClusterKey Parse(string? path, string text, string called = "the cluster key")
    {
        byte[] secret = Decode(text.Trim()) ?? throw SecretFile.Wrong(path, $"{called} is neither hexadecimal nor base64; 'dpwa cert --cluster-key FILE' makes one");
        if (secret.Length < LeastBytes)
            throw SecretFile.Wrong(path, $"{called} has {secret.Length * 8} bits, and needs at least {LeastBytes * 8} that are random; 'dpwa cert --cluster-key FILE' makes one");

        // Of 16 random bytes fewer than 8 are different less than once in 10^11 keys.
        if (secret.Distinct().Count() < LeastDifferent)
            throw SecretFile.Wrong(path, $"{called} repeats itself and is not random; 'dpwa cert --cluster-key FILE' makes one that is");
        return new(secret);
    }

    /// <summary>A member's certificate, made now and here, and the authority that all members derive.</summary>
    public NodeIdentity Mint(string cluster, string name)
    {
        using ECDsa authorityKey = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = AuthorityKey(cluster) });
        using X509Certificate2 issuer = Certificates.Authority("Dpwa cluster key", authorityKey, Always, Forever);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // What is kept of the authority has no private key.
        return new(name, Certificates.Node(issuer, name, key, Always, Forever), X509CertificateLoader.LoadCertificate(issuer.RawDataMemory.Span));
    }

    /// <summary>The authority's private key: 32 bytes, big-endian.</summary>
    public byte[] AuthorityKey(string cluster) => FirstKey(attempt =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, Order.Length, salt: Encoding.UTF8.GetBytes("dpwa cluster key, version 1"), info: Info(cluster, attempt)));

    /// <summary>The first candidate that is a private key: from 1 to the order less one.</summary>
    public static byte[] FirstKey(Func<int, byte[]> candidate)
    {
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            byte[] key = candidate(attempt);
            if (key.AsSpan().ContainsAnyExcept((byte)0) && key.AsSpan().SequenceCompareTo(Order) < 0)
                return key;
        }

        throw new CryptographicException("No private key can be derived.");
    }

    /// <summary>The secret is not shown, whoever asks.</summary>
    public override string ToString() => "a cluster key";

    private static byte[] Info(string cluster, int attempt)
    {
        byte[] name = Encoding.UTF8.GetBytes(cluster);
        byte[] info = new byte[name.Length + sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(info, attempt);
        name.CopyTo(info, sizeof(int));
        return info;
    }

    /// <summary>What could be either is hexadecimal: everybody must read the same.</summary>
    private static byte[]? Decode(string text)
    {
        if (text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit))
            return Convert.FromHexString(text);
        byte[] bytes = new byte[text.Length];

        // To the framework words with spaces between them are base64; but a sentence is not 128 random bits.
        return !text.Any(char.IsWhiteSpace) && Convert.TryFromBase64String(text, bytes, out int length) ? bytes[..length] : null;
    }
}
