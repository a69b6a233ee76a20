using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dpwa.Security;

namespace Dpwa.Launch.Certificates;

/// <summary>
/// The folder of <c>tls</c>: the cluster's authority, and a certificate with its key for each node and for the operator, who asks how they are.
/// </summary>
/// <param name="path">Where.</param>
/// <param name="time">Today.</param>
public sealed class CertificateFolder(string path, TimeProvider time)
{
    /// <summary>For how many days a certificate is valid unless it is said.</summary>
    public const int DefaultDays = 365;

    private const string Authority = "authority";
    private const int AuthorityDays = 3650;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // A clock may be behind the one of this machine.
    private static readonly TimeSpan Before = TimeSpan.FromDays(1);

    /// <summary>The key that signs new members, which no worker needs.</summary>
    public string AuthorityKey => KeyOf(Authority);

    /// <summary>Makes what is missing: the authority, and the certificates of these nodes and of the operator.</summary>
    /// <param name="nodes">The names of the nodes.</param>
    /// <param name="days">For how long certificates are valid, at most as long as the authority's.</param>
    /// <param name="renew">Make new certificates, with new keys, for those that have some too. The authority stays: the old ones are good until they expire.</param>
    /// <returns>The authority first.</returns>
    /// <exception cref="LaunchException">A node's name cannot be that of a file, or something is there by half, or cannot be written.</exception>
    /// <exception cref="DpwaConfigurationException">What is there cannot be used.</exception>
    public IReadOnlyList<CertificateReport> Fill(IEnumerable<string> nodes, int days, bool renew)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        string[] names = [.. nodes, DpwaNode.Operator];
        string[] errors = [.. names.Where(IsNoFile).Select(name => $"The node '{name}' cannot have a certificate in a file of its name: give it another name, or name the files of each node ('tls: {{authority: …, certificate: …, key: …}}').")];
        if (errors.Length > 0) throw new LaunchException(errors);
        var now = time.GetUtcNow();
        CreateFolder();
        var isNew = !IsThere(Authority);
        using var authority = isNew ? ClusterAuthority.Create(now - Before, now.AddDays(AuthorityDays)) : ClusterAuthority.Load(CertificateOf(Authority), AuthorityKey);
        if (isNew) Write(Authority, authority.Export());
        return [new(Authority, CertificateOf(Authority), AuthorityKey, authority.Until, isNew), .. names.Select(name => Fill(authority, name, now, days, renew))];
    }

    private CertificateReport Fill(ClusterAuthority authority, string name, DateTimeOffset now, int days, bool renew)
    {
        var isKept = !renew && IsThere(name);
        if (isKept) return new(name, CertificateOf(name), KeyOf(name), UntilOf(name), IsNew: false);
        var issued = authority.Issue(name, now - Before, now.AddDays(days));
        Write(name, issued);
        return new(name, CertificateOf(name), KeyOf(name), issued.Until, IsNew: true);
    }

    private void CreateFolder()
    {
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
            else Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"Cannot make the folder {path}: {e.Message}", e);
        }
    }

    // The key first: a certificate without its key is of no use, and the other way round the next run makes both anew.
    private void Write(string name, IssuedCertificate issued)
    {
        OwnFile.Write(KeyOf(name), issued.ExportKey(), isSecret: true);
        OwnFile.Write(CertificateOf(name), issued.Certificate, isSecret: false);
    }

    private bool IsThere(string name) => (File.Exists(CertificateOf(name)), File.Exists(KeyOf(name))) switch
    {
        (true, true) => true,
        (true, false) => throw new LaunchException($"{CertificateOf(name)} is there, but not its key {KeyOf(name)}: {(name == Authority ? "run this where the authority's key is kept, or take another folder for a new authority." : "bring the key back, or make both anew with --renew.")}"),
        _ => false,
    };

    private DateTimeOffset UntilOf(string name)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(CertificateOf(name));
            return new(certificate.NotAfter.ToUniversalTime());
        }
        catch (CryptographicException e)
        {
            throw new LaunchException($"{CertificateOf(name)} is no certificate ({e.Message}): make it anew with --renew.", e);
        }
    }

    private string CertificateOf(string name) => Path.Combine(path, $"{name}.pem");

    private string KeyOf(string name) => Path.Combine(path, $"{name}.key");

    // On some systems files are the same whose names differ in case: the authority's must be nobody else's.
    private static bool IsNoFile(string name) => name.Equals(Authority, StringComparison.OrdinalIgnoreCase) || name.IndexOfAny(['/', '\\', .. Path.GetInvalidFileNameChars()]) >= 0;
}
