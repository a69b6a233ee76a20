using Dpwa.Security;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Security;

/// <summary>The secret that all members share: where it may be, what it must be, and what comes of it.</summary>
public sealed class ClusterKeyTests : IDisposable
{
    private const int Limit = 60_000;
    private const string Base64 = "ABEiM0RVZneImaq7zN3u/wEjRWeJq83vASNFZ4mrze8=";
    private static readonly byte[] Order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>As another program computes it (HMAC-SHA256, by RFC 5869).</summary>
    [Theory]
    [InlineData("", "9e6a311c7e5ba81743eb3bc1ac2d0e270d42bde87e6d45e614581fb93b62bf7c")]
    [InlineData("résumé", "cb361494ad551a5373514583db3ce80515b437adcbe7c56d20d8837418174ff6")]
    public void The_authoritys_key_is_HKDF_of_the_secret_and_the_clusters_name(string cluster, string expected)
    {
        Assert.Equal(expected, Convert.ToHexStringLower(ClusterKey.Parse(null, Identities.Key).AuthorityKey(cluster)));
        Assert.Equal(expected, Convert.ToHexStringLower(ClusterKey.Parse(null, $"  {Base64}\n").AuthorityKey(cluster)));
        Assert.Equal(expected, Convert.ToHexStringLower(ClusterKey.Parse(null, Identities.Key.ToUpperInvariant()).AuthorityKey(cluster)));
    }

    [Fact]
    public void What_is_no_private_key_is_passed_over()
    {
        byte[] one = new byte[32];
        one[31] = 1;
        byte[] largest = [.. Order];
        largest[31]--;
        byte[] beyond = [.. Order];
        beyond[31]++;
        byte[][] candidates = [new byte[32], Order, beyond, Enumerable.Repeat((byte)255, 32).ToArray(), largest, one];
        Assert.Same(largest, ClusterKey.FirstKey(i => candidates[i]));
        Assert.Same(one, ClusterKey.FirstKey(i => candidates[^(i + 1)]));
    }

    [Theory]
    [InlineData("", "has 0 bits")]
    [InlineData("0123456789abcdef0123456789abcd", "has 120 bits, and needs at least 128")]
    [InlineData("c2hvcnQ=", "has 40 bits")]
    [InlineData("my secret", "neither hexadecimal nor base64")]
    [InlineData("a sentence of some length is no key at all", "neither hexadecimal nor base64")]
    [InlineData("passwordpasswordpasswordpassword", "is not random")]
    [InlineData("00000000000000000000000000000000", "is not random")]
    [InlineData("0123456701234567012345670123456701234567012345670123456701234567", "is not random")]
    public void A_weak_key_is_refused_and_not_repeated(string text, string why)
    {
        string message = Assert.Throws<DpwaConfigurationException>(() => ClusterKey.Parse("cluster.key", text)).Message;
        Assert.StartsWith("cluster.key: the cluster key ", message, StringComparison.Ordinal);
        Assert.Contains(why, message, StringComparison.Ordinal);
        if (text.Length > 0)
            Assert.DoesNotContain(text, message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Two_who_have_the_key_exchange_whatever_form_it_has_and_whatever_their_clocks_say()
    {
        DpwaOptions fromFile = Options("w1") with { ClusterKey = new(File: _folder.Write("cluster.key", Base64)), TimeProvider = new SkippingTime(TimeSpan.FromDays(40 * 365)) };
        await using var server = new DpwaConnection("w1", fromFile);
        server.UpdateSend([3], 1);
        await using var client = new DpwaConnection("w2", Options("w2") with { ClusterKey = Identities.Source });
        client.AddPeer(new("w1", "127.0.0.1", Pair.PortOf(server.ListenEndPoint)));
        float[] values = [1];
        client.UpdateSend(values, 1);
        UpdateResult result = await Task.Run(() => client.UpdateWait(values, 1));
        Assert.True(result.Outcome == UpdateOutcome.Averaged, result.Reason);
        Assert.Equal([2f], values);
    }

    [Theory(Timeout = Limit)]
    [InlineData("", "ffeeddccbbaa99887766554433221100")]
    [InlineData("another cluster", Identities.Key)]
    public async Task Another_key_or_another_cluster_is_refused_and_both_say_so(string cluster, string key)
    {
        await using var server = new TlsNode("w1", Identities.Of("w1"), 3);
        await using var client = new TlsNode("w2", Identities.Of("w2", cluster, key), 1);
        UpdateResult result = await client.Step(server.Address);
        Assert.Equal((UpdateOutcome.Rejected, 1f), (result.Outcome, client.Value));
        Assert.Contains("w1 at 127.0.0.1", result.Reason, StringComparison.Ordinal);
        Assert.Contains("has a certificate of another authority", result.Reason, StringComparison.Ordinal);
        Assert.Contains("the same 'cluster_key' and 'cluster'", await server.OfClient(), StringComparison.Ordinal);
    }

    /// <summary>The price of one secret for all: SECURITY.md says so.</summary>
    [Fact(Timeout = Limit)]
    public async Task Who_has_the_key_can_pose_as_any_member()
    {
        await using var server = new TlsNode("w1", Identities.Of("w1"), 3);
        await using var posing = new TlsNode("w3", Identities.Of("w3"), 1);
        Assert.Equal(UpdateOutcome.Averaged, (await posing.Step(server.Address)).Outcome);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_file_that_others_can_open_is_not_used(UnixFileMode others)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        string path = _folder.Write("cluster.key", Identities.Key, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        string message = Wrong(new(File: path));
        Assert.Contains($"can be read by others than its owner, and is therefore not used: 'chmod 600 {path}'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_seen_from_the_folder_of_the_configuration()
    {
        _folder.Write("cluster.key", Identities.Key);
        string config = _folder.Write("dpwa.yaml", "nodes: [{name: w1, host: 127.0.0.1, port: 1}]\ncluster_key: {file: cluster.key}\n");
        Assert.Equal("w1", NodeIdentity.Load(DpwaOptions.Load(config), "w1")!.Name);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Assert.Contains("there is no such file, which should be the cluster key", Wrong(new(File: _folder.Of("none"))), StringComparison.Ordinal);
        Assert.Contains("the environment variable DPWA_NOT_SET is not set", Wrong(new(Environment: "DPWA_NOT_SET")), StringComparison.Ordinal);
        Assert.Contains("longer than 64 KiB", Wrong(new(File: _folder.Write("long", new string('a', 70_000)))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_secret_is_shown_by_nothing()
    {
        DpwaOptions options = Options("w1") with { ClusterKey = Identities.Source };
        NodeIdentity identity = NodeIdentity.Load(options, "w1")!;
        string[] shown = [$"{ClusterKey.Parse(null, Identities.Key)}", $"{identity}", $"{options}"];
        Assert.All(shown, text => Assert.DoesNotContain(Identities.Key[..8], text, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void No_node_may_have_the_name_of_who_asks()
    {
        DpwaOptions options = Options(DpwaNode.Operator);
        options.Validate();
        Assert.Contains("no node may be named 'operator'", Assert.Throws<DpwaConfigurationException>(() => (options with { ClusterKey = Identities.Source }).Validate()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Certificates_and_a_key_for_all_are_not_given_together() =>
        Assert.Contains("tls and cluster_key both say who is let in", Assert.Throws<DpwaConfigurationException>(() => (Options("w1") with { ClusterKey = Identities.Source, Tls = TlsOptions.Folder("certs") }).Validate()).Message, StringComparison.Ordinal);

    private static DpwaOptions Options(string name) => new() { Nodes = [new DpwaNode(name, "127.0.0.1", 0)], Timeout = TimeSpan.FromSeconds(20), Transport = TransportChoice.Tcp };

    private static string Wrong(ClusterKeySource source)
    {
        string message = Assert.Throws<DpwaConfigurationException>(() => new DpwaConnection("w1", Options("w1") with { ClusterKey = source })).Message;
        Assert.DoesNotContain(Identities.Key, message, StringComparison.OrdinalIgnoreCase);
        return message;
    }
}
