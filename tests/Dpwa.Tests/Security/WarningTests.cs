using Dpwa.Tests.Support;
using Dpwa.Transport.Tcp;

namespace Dpwa.Tests.Security;

/// <summary>Who goes without encryption is told, or has to say so.</summary>
[Collection(AloneCollection.Name)]
public class WarningTests
{
    private const int Limit = 60_000;

    [Theory(Timeout = Limit)]
    [InlineData("0.0.0.0", null, false, 1)]
    [InlineData("127.0.0.1", "0.0.0.0", false, 1)]
    [InlineData("127.0.0.1", null, false, 0)]
    [InlineData("localhost", null, false, 0)]
    [InlineData("0.0.0.0", null, true, 0)]
    public async Task Who_listens_for_all_without_encryption_is_warned_once(string host, string? listen, bool encrypts, int warnings)
    {
        using var logs = new RecordingLogs();
        await using var node = new DpwaConnection("w1", Options(host, listen, encrypts) with { LoggerFactory = logs });
        Assert.Equal(warnings, logs.Of(4).Count);
        Assert.All(logs.Of(4), NamesBothKeys);
    }

    [Theory(Timeout = Limit)]
    [InlineData("0.0.0.0", true)]
    [InlineData("127.0.0.1", false)]
    public async Task A_program_without_a_log_is_warned_on_the_standard_error_stream(string host, bool isWarned)
    {
        TextWriter before = Console.Error;
        await using var written = new StringWriter();
        Console.SetError(written);
        try
        {
            await using var node = new DpwaConnection("w1", Options(host, listen: null, encrypts: false));
        }
        finally
        {
            Console.SetError(before);
        }

        string[] lines = written.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(isWarned ? 1 : 0, lines.Length);
        Assert.All(lines, NamesBothKeys);
    }

    [Theory]
    [InlineData(true, "have 'tls', and the transport that was given proves no identity")]
    [InlineData(false, "have 'cluster_key', and the transport that was given proves no identity")]
    public void A_transport_without_encryption_is_refused_where_the_options_ask_for_it(bool byCertificates, string why)
    {
        DpwaOptions options = Options("127.0.0.1", listen: null, encrypts: !byCertificates) with { Tls = byCertificates ? TlsOptions.Folder("certs") : null };
        Assert.Contains(why, Assert.Throws<DpwaConfigurationException>(() => new DpwaConnection("w1", options, parameters: null, new TcpTransport())).Message, StringComparison.Ordinal);
    }

    private static void NamesBothKeys(string line)
    {
        Assert.Contains("can be reached from other machines", line, StringComparison.Ordinal);
        Assert.Contains("'cluster_key'", line, StringComparison.Ordinal);
        Assert.Contains("'tls'", line, StringComparison.Ordinal);
    }

    private static DpwaOptions Options(string host, string? listen, bool encrypts) =>
        new() { Nodes = [new DpwaNode("w1", host, 0) { Listen = listen }], ClusterKey = encrypts ? Identities.Source : null };
}
