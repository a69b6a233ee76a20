namespace Dpwa.Tests.Configuration;

public class FormsTests
{
    [Fact]
    public void The_sample_of_the_original_loads_unchanged()
    {
        DpwaOptions options = DpwaOptions.Parse(Configs.Original);

        Assert.Equal(
            [new("w1", "localhost", 45000), new("w2", "localhost", 45001), new("w3", "localhost", 45002), new("w4", "localhost", 45003)],
            options.Nodes);
        Assert.Equal(1, options.FetchProbability);
        Assert.Equal(TimeSpan.FromMilliseconds(2500), options.Timeout);
        Assert.Equal(TimeSpan.FromSeconds(25), options.EffectiveDeadline);
        Assert.Equal("constant", options.Interpolation);
        Assert.Equal(0.5, options.ConstantValue);
        Assert.Equal(0.2, options.DivergenceThreshold);
        Assert.Equal(ApplyForm.Parameters, options.Apply);
        options.Validate();
    }

    [Fact]
    public void Both_forms_give_equal_options()
    {
        const string plain = """
            nodes:
              - name: w1
                host: localhost
                port: 45000
              - name: w2
                host: localhost
                port: 45001
            fetch_probability: 0.25
            interpolation: loss
            constant:
              value: 0.75
            loss: {}
            """;
        const string list = """
            - nodes: [{name: w1, host: localhost, port: 45000}, {name: w2, host: localhost, port: 45001}]
            - fetch_probability: .25
            - interpolation: loss
            - constant:
                value: 0.75
            - loss:
            """;

        Assert.Equal(DpwaOptions.Parse(plain), DpwaOptions.Parse(list));
        Assert.Equal(DpwaOptions.Parse(plain).GetHashCode(), DpwaOptions.Parse(list).GetHashCode());
    }

    [Fact]
    public void Nodes_alone_give_the_defaults() =>
        Assert.Equal(new DpwaOptions { Nodes = [new("w1", "localhost", 45000)] }, DpwaOptions.Parse(Configs.OneNode));

    [Fact]
    public void Every_key_is_read()
    {
        DpwaOptions options = DpwaOptions.Parse("""
            nodes: [{name: a, host: a.example.org, port: 45000, listen: "::"}]
            fetch_probability: 0.5
            timeout_ms: 500
            exchange_deadline_ms: 3000
            interpolation: clock
            constant: {value: 1}
            divergence_threshold: 1e-3
            apply: delta
            selector: random
            max_staleness: 30s
            cluster: blue
            max_connections: 0x10
            max_serves: 4
            bootstrap: peer
            late_fetch: skip
            max_delta_norm: {value: 2.5, excess: reject}
            quarantine: {after: 5, for: 1h}
            tls: certs
            seed: -7
            """);

        var expected = new DpwaOptions
        {
            Nodes = [new("a", "a.example.org", 45000) { Listen = "::" }],
            FetchProbability = 0.5,
            Timeout = TimeSpan.FromMilliseconds(500),
            ExchangeDeadline = TimeSpan.FromSeconds(3),
            Interpolation = "clock",
            ConstantValue = 1,
            DivergenceThreshold = 0.001,
            Apply = ApplyForm.Delta,
            MaxStaleness = TimeSpan.FromSeconds(30),
            Cluster = "blue",
            MaxConnections = 16,
            MaxServes = 4,
            Bootstrap = BootstrapSource.Peer,
            LateFetch = LateFetch.Skip,
            MaxDeltaNorm = new(2.5, DeltaExcess.Reject),
            Quarantine = new(5, TimeSpan.FromHours(1)),
            Tls = TlsOptions.Folder("certs"),
            Seed = -7,
        };
        Assert.Equal(expected, options);
    }

    [Theory]
    [InlineData("tls: {authority: a, certificate: b, key: c}\nmax_delta_norm: 3\nquarantine: {}")]
    [InlineData("{tls: {key: c, certificate: b, authority: a}, max_delta_norm: {value: 3}, quarantine: {for: 600000}}")]
    public void Short_and_long_forms_of_the_safety_keys(string yaml)
    {
        DpwaOptions options = DpwaOptions.Parse(yaml.StartsWith('{') ? $"{{nodes: [{{name: w1, host: localhost, port: 45000}}], {yaml[1..]}" : Configs.OneNode + yaml);
        Assert.Equal(new TlsOptions("a", "b", "c"), options.Tls);
        Assert.Equal(new DeltaLimit(3), options.MaxDeltaNorm);
        Assert.Equal(TimeSpan.FromMinutes(10), options.Quarantine!.Duration);
    }

    [Theory]
    [InlineData("{file: cluster.key}", "cluster.key", null)]
    [InlineData("{environment: KEY}", null, "KEY")]
    public void Where_the_cluster_key_is(string yaml, string? file, string? variable) =>
        Assert.Equal(new ClusterKeySource(file, variable), DpwaOptions.Parse($"{Configs.OneNode}cluster_key: {yaml}").ClusterKey);

    [Theory]
    [InlineData("500", 500)]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData("2 m", 120_000)]
    [InlineData("\"1h\"", 3_600_000)]
    public void Staleness_is_milliseconds_or_has_a_unit(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), DpwaOptions.Parse($"{Configs.OneNode}max_staleness: {text}").MaxStaleness);

    [Fact]
    public void Staleness_can_be_off() => Assert.Null(DpwaOptions.Parse(Configs.OneNode + "max_staleness: off").MaxStaleness);

    [Theory]
    [InlineData("clock: 0")]
    [InlineData("clock:")]
    [InlineData("clock: {}")]
    [InlineData("loss: ~")]
    [InlineData("constant:")]
    [InlineData("constant: {}")]
    [InlineData("{interpolation: clock, constant: 0}")]
    public void Methods_without_settings_may_stand_empty(string line)
    {
        string yaml = line.StartsWith('{') ? $"{{{Configs.OneNode.Trim()}, {line[1..]}" : Configs.OneNode + line;
        Assert.Equal(0.5, DpwaOptions.Parse(yaml).ConstantValue);
    }

    [Theory]
    [InlineData("timeout_ms: 2_500")] // YAML 1.1, which the original's parser reads
    [InlineData("timeout_ms: 2500.0")]
    [InlineData("timeout_ms: +2.5e3")]
    [InlineData("timeout_ms: !!int \"2500\"")]
    public void Numbers_are_read_as_yaml_writes_them(string line) =>
        Assert.Equal(TimeSpan.FromMilliseconds(2500), DpwaOptions.Parse(Configs.OneNode + line).Timeout);

    [Fact]
    public void A_worker_may_be_named_by_a_number() =>
        Assert.Equal("1", DpwaOptions.Parse("nodes: [{name: 1, host: 10.0.0.1, port: 45000}]").Nodes[0].Name);

    [Fact]
    public void Anchors_aliases_and_merge_keys_work()
    {
        DpwaOptions options = DpwaOptions.Parse("""
            nodes:
              - &first
                name: w1
                host: &here localhost
                port: 45000
                listen: 0.0.0.0
              - {<<: *first, name: w2, port: 45001}
              - {name: w3, host: *here, port: 45002}
            """);
        Assert.Equal(
            [
                new("w1", "localhost", 45000) { Listen = "0.0.0.0" }, new("w2", "localhost", 45001) { Listen = "0.0.0.0" },
                new("w3", "localhost", 45002),
            ],
            options.Nodes);
    }

    [Fact]
    public void The_list_of_nodes_is_a_copy()
    {
        List<DpwaNode> nodes = [new("w1", "localhost", 45000)];
        var options = new DpwaOptions { Nodes = nodes };
        nodes.Clear();
        Assert.Single(options.Nodes);
    }
}
