using Dpwa.Averaging;
using Dpwa.Peers;

namespace Dpwa.Tests.Configuration;

/// <summary>Options that were built in code.</summary>
public class ValidatorTests
{
    private static readonly DpwaOptions Valid = new() { Nodes = [new("w1", "localhost", 45000), new("w2", "localhost", 45001)] };

    [Fact]
    public void Valid_options_pass() => Valid.Validate();

    [Fact]
    public void Any_number_of_nodes_may_have_port_0() =>
        new DpwaOptions { Nodes = [new("w1", "localhost", 0), new("w2", "localhost", 0)] }.Validate();

    [Fact]
    public void Every_error_is_reported_at_once_by_the_names_of_the_properties()
    {
        DpwaOptions options = Valid with
        {
            FetchProbability = double.NaN,
            ConstantValue = -1,
            Timeout = Timeout.InfiniteTimeSpan,
            ExchangeDeadline = TimeSpan.Zero,
            DivergenceThreshold = double.PositiveInfinity,
            Interpolation = "clocks",
            Selector = "best",
            Apply = (ApplyForm)7,
            MaxStaleness = TimeSpan.FromDays(-1),
            MaxConnections = 0,
            MaxServes = 0,
            Bootstrap = (BootstrapSource)9,
            Cluster = "a\nb",
        };
        Assert.Equal(
            [
                "FetchProbability must be from 0 to 1, but is NaN",
                "ConstantValue must be from 0 to 1, but is -1",
                "DivergenceThreshold must be a finite number from 0, but is Infinity",
                "Interpolation is 'clocks', which is unknown; did you mean 'clock'?",
                "Selector is 'best', which is unknown; known are random",
                "Cluster 'a\\u000Ab' has control characters or others that cannot be shown",
                "MaxConnections must be from 1 to 2147483647, but is 0",
                "MaxServes must be from 1 to 2147483647, but is 0",
                "MaxStaleness must be from 1 to 31536000000 ms, but is -86400000 ms",
                "Apply is '7', which is unknown; known are parameters, delta",
                "Bootstrap is '9', which is unknown; known are none, peer",
                "Timeout must be from 1 to 86400000 ms, but is -1 ms",
                "ExchangeDeadline must be from 1 to 864000000 ms, but is 0 ms",
            ],
            ErrorsOf(options));
    }

    [Fact]
    public void Wrong_nodes_are_named_by_their_index()
    {
        DpwaOptions options = Valid with
        {
            Nodes =
            [
                new("w1", "a", 45000), new("w1", "b", -1) { Source = "dpwa.yaml:3:5" }, new("w3", "A", 45000), new("", "x y", 1) { Listen = "" }, null!, new(null!, "a", 1),
            ],
        };
        Assert.Equal(
            [
                "Nodes[1].Name (from dpwa.yaml:3:5) 'w1' is taken by another node, at Nodes[0].Name; every worker has its own",
                "Nodes[1].Port (from dpwa.yaml:3:5) must be from 0 to 65535, but is -1",
                "Nodes[2].Port 45000 on 'A' is taken by another node, at Nodes[0].Port; two cannot listen on one address",
                "Nodes[3].Name is empty",
                "Nodes[3].Listen is empty",
                "Nodes[3].Host 'x y' has white space or control characters",
                "Nodes[4] must not be null",
                "Nodes[5].Name must not be null",
            ],
            ErrorsOf(options));
    }

    [Fact]
    public void Without_nodes_there_is_nothing_to_join() => Assert.Equal(["Nodes is empty; list every worker"], ErrorsOf(new()));

    [Fact]
    public void A_time_out_as_long_as_time_itself_is_refused_without_overflow() =>
        Assert.Single(ErrorsOf(Valid with { Timeout = TimeSpan.MaxValue }));

    [Fact]
    public void A_deadline_holds_at_least_one_time_out() =>
        Assert.Equal(
            ["ExchangeDeadline must not be less than the time-out of one operation (2500 ms), but is 2499 ms"],
            ErrorsOf(Valid with { ExchangeDeadline = TimeSpan.FromMilliseconds(2499) }));

    [Fact]
    public void Nulls_are_named() =>
        Assert.Equal(
            ["Nodes must not be null", "Cluster must not be null", "TimeProvider must not be null"],
            ErrorsOf(Valid with { Nodes = null!, Cluster = null!, TimeProvider = null! }));

    [Fact]
    public void Extensions_are_known_names()
    {
        DpwaExtensions extensions = DpwaExtensions.None.Add(new Half()).Add(new First());
        (Valid with { Interpolation = "half", Selector = "first", Extensions = extensions }).Validate();

        DpwaOptions loaded = DpwaOptions.Parse(Configs.OneNode + "interpolation: half\nselector: first", extensions);
        Assert.Equal(("half", "first", extensions), (loaded.Interpolation, loaded.Selector, loaded.Extensions));

        var error = Assert.Throws<DpwaConfigurationException>(() => DpwaOptions.Parse(Configs.OneNode + "interpolation: hafl", extensions));
        Assert.Equal("interpolation is 'hafl', which is unknown; did you mean 'half'?", error.Errors[0].Message);
        Assert.Contains("which is unknown", Configs.ErrorOf(Configs.OneNode + "interpolation: half"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_is_found_by_its_name() => Assert.Equal(45001, Valid.Node("w2").Port);

    /// <summary>PEERS: "an unknown node name is an AttributeError".</summary>
    [Theory]
    [InlineData("w5", "dpwa.yaml: no node is named 'w5'; did you mean 'w1'? (the nodes are w1, w2)")]
    [InlineData("trainer", "dpwa.yaml: no node is named 'trainer' (the nodes are w1, w2)")]
    [InlineData("", "dpwa.yaml: no node is named '' (the nodes are w1, w2)")]
    public void A_name_that_no_node_has_is_explained(string name, string message) =>
        Assert.Equal(message, Assert.Throws<DpwaConfigurationException>(() => (Valid with { Source = "dpwa.yaml" }).Node(name)).Message);

    [Fact]
    public void Of_many_nodes_only_some_are_listed()
    {
        var options = new DpwaOptions { Nodes = [.. Enumerable.Range(0, 1000).Select(i => new DpwaNode($"worker{i}", "localhost", 1000 + i))] };
        Assert.EndsWith("worker39 and 960 more)", Assert.Throws<DpwaConfigurationException>(() => options.Node("x")).Message, StringComparison.Ordinal);
    }

    private static string[] ErrorsOf(DpwaOptions options) =>
        [.. Assert.Throws<DpwaConfigurationException>(options.Validate).Errors.Select(e => e.ToString())];

    private sealed class Half : IFactorMethod
    {
        public string Name => "half";
        public bool UsesLoss => false;
        public double Factor(in FactorContext context) => 0.5;
    }

    private sealed class First : IPeerSelector
    {
        public string Name => "first";
        public int Select(IPeerCandidates candidates) => 0;
    }
}
