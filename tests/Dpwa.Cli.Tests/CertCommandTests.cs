using System.Net;
using System.Text.Json;
using Dpwa.Cli.Tests.Support;

namespace Dpwa.Cli.Tests;

/// <summary><c>dpwa cert</c>, and a cluster that uses what it made.</summary>
public sealed class CertCommandTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Two_nodes_exchange_and_are_checked_by_the_certificates_of_the_folder()
    {
        Configure(0, 0);
        await using var cert = await DpwaCommand.RunAsync(_folder.Location, "cert", "certs");

        Assert.True(cert.ExitCode == 0, cert.ErrorText);
        Assert.Contains("Keep certs/authority.key away from the workers", cert.OutputText.Replace('\\', '/'));
        Assert.Contains("Next:  add 'tls: certs' to dpwa.yaml.", cert.OutputText);
        await using var w1 = Start("w1");
        w1.UpdateSend([3], loss: 1);
        await using var w2 = Start("w2");
        w2.AddPeer(new("w1", "127.0.0.1", PortOf(w1)));
        float[] values = [1];
        w2.UpdateSend(values, loss: 1);
        var result = await Task.Run(() => w2.UpdateWait(values, loss: 1));
        Assert.True(result.Outcome == UpdateOutcome.Averaged, result.Reason);

        Configure(PortOf(w1), PortOf(w2));
        await using var asOperator = await DpwaCommand.RunAsync(_folder.Location, "check", "--running", "--timeout", "60");
        foreach (var gone in new[] { "operator.key", "w1.key" }) File.Delete(_folder[Path.Combine("certs", gone)]);
        await using var asNode = await DpwaCommand.RunAsync(_folder.Location, "check", "--running", "--timeout", "60");
        File.Delete(_folder[Path.Combine("certs", "w2.key")]);
        await using var asNobody = await DpwaCommand.RunAsync(_folder.Location, "check");
        Assert.Equal((0, 0, 2), (asOperator.ExitCode, asNode.ExitCode, asNobody.ExitCode));
        Assert.Contains("neither the operator's certificate and key are here nor those of a node", asNobody.ErrorText);
        Assert.DoesNotContain(w1.Peers, peer => peer.Name == "operator");
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Check_says_why_it_is_not_let_in()
    {
        await using var node = new DpwaConnection("w1", new DpwaOptions { Nodes = [new("w1", "127.0.0.1", 0)] });
        await using var made = await DpwaCommand.RunAsync(_folder.Location, "cert", "--cluster-key", "cluster.key");
        _folder.Write("dpwa.yaml", $"nodes: [{{name: w1, host: 127.0.0.1, port: {PortOf(node)}}}]\ncluster_key: {{file: cluster.key}}\n");

        await using var check = await DpwaCommand.RunAsync(_folder.Location, "check", "--timeout", "60", "--json");

        var report = JsonDocument.Parse(check.OutputText).RootElement.GetProperty("nodes")[0];
        Assert.Equal((1, "stranger"), (check.ExitCode, report.GetProperty("state").GetString()));
        Assert.Contains("it has neither 'tls' nor 'cluster_key', and this side encrypts", $"{report.GetProperty("advice")}");
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_cluster_key_is_new_each_time_its_owners_only_and_not_overwritten_by_mistake()
    {
        await using var first = await DpwaCommand.RunAsync(_folder.Location, "cert", "--cluster-key", "cluster.key");
        var key = await File.ReadAllTextAsync(_folder["cluster.key"], TestContext.Current.CancellationToken);
        await using var refused = await DpwaCommand.RunAsync(_folder.Location, "cert", "--cluster-key", "cluster.key");
        var same = await File.ReadAllTextAsync(_folder["cluster.key"], TestContext.Current.CancellationToken);
        await using var forced = await DpwaCommand.RunAsync(_folder.Location, "cert", "--cluster-key", "cluster.key", "--force", "--json");
        var other = await File.ReadAllTextAsync(_folder["cluster.key"], TestContext.Current.CancellationToken);

        Assert.Equal((0, 2, 0), (first.ExitCode, refused.ExitCode, forced.ExitCode));
        Assert.Matches("^[0-9a-f]{64}\n$", key);
        Assert.Equal(key, same);
        Assert.NotEqual(key, other);
        Assert.DoesNotContain(key.Trim(), first.OutputText + refused.ErrorText);
        Assert.Equal(_folder["cluster.key"], Path.GetFullPath(JsonDocument.Parse(forced.OutputText).RootElement.GetProperty("clusterKey").GetString()!));
        if (!OperatingSystem.IsWindows()) Assert.Equal(OwnerOnly, File.GetUnixFileMode(_folder["cluster.key"]));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Keys_are_their_owners_only_and_certificates_everybodys()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        Configure(1, 2);
        await using var cert = await DpwaCommand.RunAsync(_folder.Location, "cert", "certs");

        Assert.Equal(0, cert.ExitCode);
        if (OperatingSystem.IsWindows()) return;
        foreach (var key in Directory.GetFiles(_folder["certs"], "*.key")) Assert.Equal(OwnerOnly, File.GetUnixFileMode(key));
        Assert.Equal(["authority", "operator", "w1", "w2"], Directory.GetFiles(_folder["certs"], "*.pem").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
        Assert.Equal(4, Directory.GetFiles(_folder["certs"], "*.key").Length);
        Assert.All(Directory.GetFiles(_folder["certs"], "*.pem"), file => Assert.DoesNotContain("PRIVATE KEY", File.ReadAllText(file)));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task What_is_there_is_kept_unless_it_is_to_be_renewed_and_the_authority_always()
    {
        Configure(1, 2);
        await using var first = await DpwaCommand.RunAsync(_folder.Location, "cert", "certs", "--days", "10");
        var before = Files();
        _folder.Write("dpwa.yaml", "nodes: [{name: w1, host: 127.0.0.1, port: 1}, {name: w3, host: 127.0.0.1, port: 2}]\n");
        await using var second = await DpwaCommand.RunAsync(_folder.Location, "cert", "certs", "--json");
        var between = Files();
        await using var renewed = await DpwaCommand.RunAsync(_folder.Location, "cert", "certs", "--renew");
        var after = Files();

        Assert.Equal((0, 0, 0), (first.ExitCode, second.ExitCode, renewed.ExitCode));
        Assert.Contains("Some are valid for less than 30 days: --renew makes new ones.", first.OutputText);
        Assert.All(before, file => Assert.Equal(file.Value, between[file.Key]));
        Assert.Equal(before.Keys.Concat(["w3.key", "w3.pem"]).Order(StringComparer.Ordinal), between.Keys.Order(StringComparer.Ordinal));
        var certificates = JsonDocument.Parse(second.OutputText).RootElement.GetProperty("certificates").EnumerateArray().ToArray();
        Assert.Equal([("w1", false), ("w3", true), ("operator", false)], certificates.Select(each => (each.GetProperty("name").GetString()!, each.GetProperty("isNew").GetBoolean())));
        Assert.Equal(["authority.key", "authority.pem", "w2.key", "w2.pem"], after.Where(file => file.Value == between[file.Key]).Select(file => file.Key).Order(StringComparer.Ordinal));
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("authority", "The node 'authority' cannot have a certificate in a file of its name")]
    [InlineData("Authority", "The node 'Authority' cannot have a certificate in a file of its name")]
    [InlineData("a/b", "The node 'a/b' cannot have a certificate in a file of its name")]
    public async Task A_name_that_is_no_file_is_refused_and_nothing_is_made(string name, string why)
    {
        _folder.Write("dpwa.yaml", $"nodes: [{{name: {name}, host: 127.0.0.1, port: 1}}]\n");
        await using var cert = await DpwaCommand.RunAsync(_folder.Location, "cert", "certs");

        Assert.Equal(2, cert.ExitCode);
        Assert.Contains(why, cert.ErrorText);
        Assert.False(Directory.Exists(_folder["certs"]));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Without_the_authoritys_key_nothing_is_signed()
    {
        Configure(1, 2);
        await using var first = await DpwaCommand.RunAsync(_folder.Location, "cert", "certs");
        File.Delete(_folder[Path.Combine("certs", "authority.key")]);
        await using var second = await DpwaCommand.RunAsync(_folder.Location, "cert", "certs", "--renew");

        Assert.Equal((0, 2), (first.ExitCode, second.ExitCode));
        Assert.Contains("run this where the authority's key is kept", second.ErrorText);
    }

    private void Configure(int first, int second) => _folder.Write(
        "dpwa.yaml", $"nodes: [{{name: w1, host: 127.0.0.1, port: {(first == 0 ? 1 : first)}}}, {{name: w2, host: 127.0.0.1, port: {(second == 0 ? 2 : second)}}}]\n{(first > 2 ? "tls: certs\n" : "")}");

    private DpwaConnection Start(string name) => new(name, new DpwaOptions
    {
        Nodes = [new(name, "127.0.0.1", 0)],
        Tls = TlsOptions.Folder(_folder["certs"]),
        Timeout = TimeSpan.FromSeconds(60),
    });

    private Dictionary<string, string> Files() => Directory.GetFiles(_folder["certs"]).ToDictionary(file => Path.GetFileName(file), File.ReadAllText, StringComparer.Ordinal);

    private static int PortOf(DpwaConnection node) => ((IPEndPoint)node.ListenEndPoint).Port;
}
