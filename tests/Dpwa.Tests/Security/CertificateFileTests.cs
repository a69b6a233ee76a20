using Dpwa.Security;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Security;

/// <summary>Certificates in files: what a node takes for its own, and what it says of what it does not.</summary>
public sealed class CertificateFileTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly Folder _folder = new();
    private readonly ClusterAuthority _authority = ClusterAuthority.Create(Now.AddDays(-1), Now.AddDays(100));

    public CertificateFileTests() => Write("authority", _authority.Export());

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("w1")]
    [InlineData("ein Name, mit = + \\ \" < > # ; und ü")]
    [InlineData("256")]
    public void The_certificate_of_a_name_is_that_of_a_node(string name)
    {
        name = name == "256" ? new string('x', 200) : name;
        Write(name.Length > 100 ? "long" : "name", _authority.Issue(name, Now, Now.AddDays(1)));
        Assert.Equal(name, Load(name, name.Length > 100 ? "long" : "name").Name);
    }

    [Fact]
    public void No_certificate_is_valid_for_longer_than_its_authority()
    {
        IssuedCertificate issued = _authority.Issue("w1", Now.AddDays(-500), Now.AddDays(500));
        Assert.Equal(_authority.Until, issued.Until);
    }

    [Fact]
    public void The_key_of_another_certificate_is_refused()
    {
        Write("w1", _authority.Issue("w1", Now, Now.AddDays(1)));
        _folder.Write("w1.key", _authority.Issue("w1", Now, Now.AddDays(1)).ExportKey());
        Assert.Contains("w1.key: this is not what it should be", Wrong("w1"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_others_can_read_is_not_used()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        Write("w1", _authority.Issue("w1", Now, Now.AddDays(1)));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.Of("w1.key"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains("the private key of w1 can be read by others than its owner", Wrong("w1"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_certificate_of_another_node_is_refused()
    {
        Write("w1", _authority.Issue("w2", Now, Now.AddDays(1)));
        Assert.Contains("w1.pem: this is the certificate of 'w2', and this node is 'w1'", Wrong("w1"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_of_another_authority_is_refused()
    {
        using ClusterAuthority other = ClusterAuthority.Create(Now.AddDays(-1), Now.AddDays(100));
        Write("w1", other.Issue("w1", Now, Now.AddDays(1)));
        Assert.Contains("w1.pem: this certificate has not been signed by the authority", Wrong("w1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-20, -10, "'dpwa cert --renew' makes a new one")]
    [InlineData(10, 20, "is the clock of this machine right?")]
    public void A_certificate_that_is_not_valid_now_is_refused_at_the_start(int from, int until, string what)
    {
        using ClusterAuthority old = ClusterAuthority.Create(Now.AddDays(-100), Now.AddDays(100));
        Write("authority", old.Export());
        Write("w1", old.Issue("w1", Now.AddDays(from), Now.AddDays(until)));
        string message = Wrong("w1");
        Assert.Contains("w1.pem: this certificate is valid from 20", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_or_no_certificate_is_named()
    {
        Assert.Contains("w1.pem: there is no such file, which should be the certificate of w1", Wrong("w1"), StringComparison.Ordinal);
        Write("w1", _authority.Issue("w1", Now, Now.AddDays(1)));
        _folder.Write("authority.pem", "not PEM");
        Assert.Contains("authority.pem: this is not what it should be, PEM as 'dpwa cert' writes it", Wrong("w1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_asks_has_the_operators_certificate_or_else_that_of_a_node_of_this_machine()
    {
        Assert.Contains("neither the operator's certificate and key are here nor those of a node", Assert.Throws<DpwaConfigurationException>(() => NodeIdentity.LoadOperator(Options("w1"))).Message, StringComparison.Ordinal);
        Write("w2", _authority.Issue("w2", Now, Now.AddDays(1)));
        Assert.Equal("w2", NodeIdentity.LoadOperator(Options("w1"))!.Name);
        Write("operator", _authority.Issue("operator", Now, Now.AddDays(1)));
        Assert.Equal("operator", NodeIdentity.LoadOperator(Options("w1"))!.Name);
        Assert.Equal("operator", NodeIdentity.LoadOperator(Options("w1") with { Tls = null, ClusterKey = Identities.Source })!.Name);
        Assert.Null(NodeIdentity.LoadOperator(Options("w1") with { Tls = null }));
    }

    /// <summary>A key in an exception would be a key in a log.</summary>
    [Fact]
    public void No_message_has_a_key()
    {
        IssuedCertificate issued = _authority.Issue("w1", Now, Now.AddDays(1));
        string secret = issued.ExportKey().Split('\n')[1][..20];
        Assert.DoesNotContain(secret, $"{issued}", StringComparison.Ordinal);
        _folder.Write("w1.pem", issued.ExportKey());
        _folder.Write("w1.key", issued.Certificate);
        Assert.DoesNotContain(secret, Wrong("w1"), StringComparison.Ordinal);
    }

    private void Write(string file, IssuedCertificate issued)
    {
        _folder.Write($"{file}.pem", issued.Certificate);
        _folder.Write($"{file}.key", issued.ExportKey());
    }

    private DpwaOptions Options(string name) => new()
    {
        Nodes = [new DpwaNode(name, "127.0.0.1", 0), new DpwaNode("w2", "127.0.0.1", 1)],
        Tls = TlsOptions.Folder("."),
        Source = _folder.Of("dpwa.yaml"),
    };

    private NodeIdentity Load(string name, string file) =>
        NodeIdentity.Load(Options(name) with { Tls = new("authority.pem", $"{file}.pem", $"{file}.key") }, name)!;

    private string Wrong(string name) => Assert.Throws<DpwaConfigurationException>(() => new DpwaConnection(name, Options(name))).Message;
}
