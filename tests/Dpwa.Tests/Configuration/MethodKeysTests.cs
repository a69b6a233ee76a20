namespace Dpwa.Tests.Configuration;

/// <summary>The keys of the gossip methods: their values, what is wrong with others and where, and presets of which single keys are changed.</summary>
public class MethodKeysTests
{
    private const string TwoNodes = "nodes: [{name: w1, host: localhost, port: 45000}, {name: w2, host: localhost, port: 45001}]\n";

    private static DpwaOptions Parse(string yaml) => DpwaOptions.Parse(TwoNodes + yaml);

    [Fact]
    public void Every_key_is_read()
    {
        DpwaOptions options = Parse("""
            exchange: push
            topology: graph
            graph: [[w1, w2]]
            exchange_every: 20
            subset: 0.01
            """);
        Assert.Equal(
            new DpwaOptions
            {
                Nodes = [new("w1", "localhost", 45000), new("w2", "localhost", 45001)],
                Exchange = ExchangeKind.Push,
                Topology = Topology.Graph,
                Graph = [new("w1", "w2")],
                ExchangeEvery = 20,
                Subset = 0.01,
            },
            options);
    }

    [Theory]
    [InlineData("pull", ExchangeKind.Pull)]
    [InlineData("push", ExchangeKind.Push)]
    [InlineData("push_sum", ExchangeKind.PushSum)]
    [InlineData("swap", ExchangeKind.Swap)]
    public void Exchanges(string word, ExchangeKind exchange) => Assert.Equal(exchange, Parse($"apply: delta\nexchange: {word}").Exchange);

    [Theory]
    [InlineData("random", Topology.Random)]
    [InlineData("matching", Topology.Matching)]
    [InlineData("ring", Topology.Ring)]
    [InlineData("exponential", Topology.Exponential)]
    [InlineData("hypercube", Topology.Hypercube)]
    [InlineData("graph, graph: [[w2, w1]]", Topology.Graph)]
    public void Topologies(string word, Topology topology) => Assert.Equal(topology, DpwaOptions.Parse($"{{{TwoNodes.Trim()}, topology: {word}}}").Topology);

    [Fact]
    public void An_outer_optimizer_has_what_is_given_and_the_standard_for_the_rest()
    {
        Assert.Null(Parse("").Outer);
        Assert.Equal(new OuterOptimizerOptions(), Parse("outer: {}").Outer);
        Assert.Equal(new OuterOptimizerOptions(0.1, 0.2, 0.3), Parse("outer: {alpha: 0.1, beta: 0.2, gamma: 0.3}").Outer);
        Assert.Equal(new OuterOptimizerOptions(Beta: 1), Parse("outer: {beta: 1}").Outer);
        Assert.Null(Parse("outer: off").Outer);
    }

    [Theory]
    [InlineData("method: gosdg", 9, "method is 'gosdg', which is unknown; did you mean 'gosgd'?")]
    [InlineData("method: [dpwa]", 9, "method must be the name of a method, but is a list")]
    [InlineData("exchange: shove", 11, "exchange is 'shove', which is unknown; known are pull, push, push_sum, swap")]
    [InlineData("exchange: push-sum", 11, "exchange is 'push-sum', which is unknown; did you mean 'push_sum'?")]
    [InlineData("exchange: 1", 11, "exchange must be pull, push, push_sum or swap, but is the number 1")]
    [InlineData("exchange:", 1, "exchange has no value; it must be pull, push, push_sum or swap")]
    [InlineData("topology: rign", 11, "topology is 'rign', which is unknown; did you mean 'ring'?")]
    [InlineData("topology: {}", 11, "topology must be random, matching, ring, exponential, hypercube or graph, but is a map")]
    [InlineData("exchange_every: 0", 17, "exchange_every must be from 1 to 2147483647, but is 0")]
    [InlineData("exchange_every: 1.5", 17, "exchange_every must be a whole number from 1, but is the number 1.5")]
    [InlineData("subset: 0", 9, "subset must be above 0 and up to 1, but is 0")]
    [InlineData("subset: 1.01", 9, "subset must be above 0 and up to 1, but is 1.01")]
    [InlineData("subset: .nan", 9, "subset must be above 0 and up to 1, but is NaN")]
    [InlineData("subset: few", 9, "subset must be a number above 0 and up to 1, but is the text 'few'")]
    [InlineData("outer: on", 8, "outer must be a map such as {alpha: 0.5, beta: 0.7, gamma: 0.6}, or off, but is the text 'on'")]
    [InlineData("outer: {alpha: 1}", 16, "outer.alpha must be from 0 and below 1, but is 1")]
    [InlineData("outer: {beta: 0}", 15, "outer.beta must be a finite number above 0, but is 0")]
    [InlineData("outer: {gamma: -1}", 16, "outer.gamma must be a finite number from 0, but is -1")]
    [InlineData("outer: {beat: 1}", 9, "unknown key 'beat'; did you mean 'beta'?")]
    [InlineData("graph: w1", 8, "graph must be a list of pairs of names, such as [[w1, w2], [w2, w3]], but is the text 'w1'")]
    [InlineData("graph: [w1]", 9, "an edge of graph must be a pair of names such as [w1, w2], but is the text 'w1'")]
    public void Wrong_values(string line, int column, string message) =>
        Assert.Equal($"line 2, column {column}: {message}", Configs.ErrorOf(TwoNodes + line));

    [Fact]
    public void An_edge_has_two_ends() =>
        Assert.Equal("line 3, column 19: an edge of graph must be a pair of names such as [w1, w2], but is a list", Configs.ErrorOf(TwoNodes + "topology: graph\ngraph: [[w1, w2], [w2]]"));

    [Fact]
    public void What_cannot_be_combined_is_said_where_the_key_is_that_should_change()
    {
        Assert.StartsWith("line 3, column 1: exchange: swap needs apply: delta,", Configs.ErrorOf(TwoNodes + "exchange: swap\napply: parameters"), StringComparison.Ordinal);

        // Where it was not written, at the preset that brought the other, or at the top.
        Assert.StartsWith("line 2, column 1: an outer optimizer needs exchange: pull", Configs.ErrorOf(TwoNodes + "method: noloco\nexchange: push"), StringComparison.Ordinal);
        Assert.StartsWith("line 1, column 1: exchange: swap needs apply: delta,", Configs.ErrorOf(TwoNodes + "exchange: swap"), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_wrong_combinations_are_both_reported() => Assert.Equal(2, Configs.ErrorsOf(TwoNodes + "exchange: swap\nsubset: 0.1\nouter: off\nconstant: {value: 0.3}").Count);

    public static TheoryData<string> Methods => [.. GossipMethods.Names];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_preset_is_a_valid_bundle_of_settings(string method) => Assert.Equal(GossipMethods.Options(method) with { Nodes = Parse("").Nodes }, Parse($"method: {method}"));

    [Fact]
    public void No_two_presets_are_alike() => Assert.Equal(GossipMethods.Names.Length, GossipMethods.Names.Select(n => GossipMethods.Options(n) with { Method = "" }).Distinct().Count());

    [Fact]
    public void A_method_that_there_is_none_of_is_refused_with_the_names_that_there_are() =>
        Assert.StartsWith("No method is named 'sgd'; there are dpwa, gossip-push,", Assert.Throws<ArgumentException>(() => GossipMethods.Options("sgd")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_that_is_given_counts_more_than_the_preset_wherever_it_stands()
    {
        DpwaOptions after = Parse("method: gosgd\nfetch_probability: 0.1"), before = Parse("fetch_probability: 0.1\nmethod: gosgd");
        Assert.Equal(after, before);
        Assert.Equal((0.1, ExchangeKind.PushSum), (after.FetchProbability, after.Exchange));

        DpwaOptions noloco = Parse("method: noloco\nexchange_every: 10\nouter: {gamma: 0.4}\ntopology: ring");
        Assert.Equal(
            GossipMethods.Options("noloco") with { Nodes = noloco.Nodes, ExchangeEvery = 10, Outer = new(Gamma: 0.4), Topology = Topology.Ring },
            noloco);
    }

    [Fact]
    public void The_outer_optimizer_of_a_preset_can_be_switched_off() => Assert.Null(Parse("method: noloco\nouter: off").Outer);

    [Fact]
    public void Options_from_code_follow_the_same_rules_by_the_properties_names()
    {
        DpwaOptions options = Parse("") with
        {
            Method = "sgd",
            Exchange = (ExchangeKind)9,
            Topology = (Topology)9,
            ExchangeEvery = 0,
            Subset = 2,
            Outer = new(Alpha: -1, Beta: double.NaN, Gamma: -1),
        };
        Assert.Equal(
            [
                "Method is 'sgd', which is unknown; known are dpwa, gossip-push, gosgd, ad-psgd, elastic, noloco, sparta",
                "ExchangeEvery must be from 1 to 2147483647, but is 0",
                "Subset must be above 0 and up to 1, but is 2",
                "Outer.Alpha must be from 0 and below 1, but is -1",
                "Outer.Beta must be a finite number above 0, but is NaN",
                "Outer.Gamma must be a finite number from 0, but is -1",
                "Exchange is '9', which is unknown; known are pull, push, push_sum, swap",
                "Topology is '9', which is unknown; known are random, matching, ring, exponential, hypercube, graph",
            ],
            ErrorsOf(options).Where(e => char.IsUpper(e[0])));
        Assert.Equal(["Graph must not be null", "Method must not be null"], ErrorsOf(Parse("") with { Graph = null!, Method = null! }));
        Assert.Contains("swap needs apply: delta", Assert.Single(ErrorsOf(Parse("") with { Exchange = ExchangeKind.Swap })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_is_a_value_and_a_copy()
    {
        List<GraphEdge> edges = [new("w1", "w2")];
        DpwaOptions options = Parse("") with { Topology = Topology.Graph, Graph = edges };
        edges.Clear();
        Assert.Equal(Parse("topology: graph\ngraph: [[w1, w2]]"), options);
    }

    private static string[] ErrorsOf(DpwaOptions options) => [.. Assert.Throws<DpwaConfigurationException>(options.Validate).Errors.Select(e => e.Message)];
}
