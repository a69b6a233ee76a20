namespace Dpwa.Tests.Configuration;

public class NodeErrorTests
{
    [Theory]
    [InlineData("{host: b, port: 45001}", 5, "this node has no name")]
    [InlineData("{name: w2, port: 45001}", 5, "the node 'w2' has no host")]
    [InlineData("{name: w2, host: b}", 5, "the node 'w2' has no port")]
    [InlineData("{name: w2, host: b, port: 45001, lisen: '::'}", 38, "unknown key 'lisen'; did you mean 'listen'?")]
    [InlineData("w2", 5, "a node must be a map such as {name: w1, host: localhost, port: 45000}, but is the text 'w2'")]
    [InlineData("", 4, "a node must be a map such as {name: w1, host: localhost, port: 45000}, but is empty")]
    [InlineData("{name: w2, host: b, port: 0}", 31, "port must be from 1 to 65535, but is 0")]
    [InlineData("{name: w2, host: b, port: 65536}", 31, "port must be from 1 to 65535, but is 65536")]
    [InlineData("{name: w2, host: b, port: '45001'}", 31,
        "port must be a whole number from 1 to 65535, but is the text '45001' (a number has no quotes)")]
    [InlineData("{name: w2, host: b, port: http}", 31, "port must be a whole number from 1 to 65535, but is the text 'http'")]
    [InlineData("{name: '', host: b, port: 45001}", 12, "name is empty")]
    [InlineData("{name: ' w2', host: b, port: 45001}", 12, "name ' w2' begins or ends with white space")]
    [InlineData("{name: \"w\\e2\", host: b, port: 45001}", 12, "name 'w\\u001B2' has control characters or others that cannot be shown")]
    [InlineData("{name: ~, host: b, port: 45001}", 6, "name has no value; it must be a text")]
    [InlineData("{name: w2, host: 'a b', port: 45001}", 22, "host 'a b' has white space or control characters")]
    [InlineData("{name: w2, host: 'http://b', port: 45001}", 22,
        "host 'http://b' is not a host name or address; leave out the scheme and the path")]
    [InlineData("{name: w2, host: 'b:45001', port: 45001}", 22,
        "host 'b:45001' is neither a host name nor an IPv6 address; the port has a key of its own")]
    [InlineData("{name: w2, host: '[::1]', port: 45001}", 22, "host '[::1]' has brackets; an IPv6 address is written without them here")]
    [InlineData("{name: w2, host: 5, port: 45001}", 22, "host must be a host name or address, but is the number 5")]
    [InlineData("{name: w2, host: b, port: 45001, listen: ''}", 46, "listen is empty")]
    [InlineData("{name: w1, host: b, port: 45001}", 12, "name 'w1' is taken by another node, at line 2, column 12; every worker has its own")]
    [InlineData("{name: w2, host: A, port: 45000}", 31,
        "port 45000 on 'A' is taken by another node, at line 2, column 31; two cannot listen on one address")]
    public void Wrong_node(string node, int column, string message) =>
        Assert.Equal(
            $"line 3, column {column}: {message}",
            Configs.ErrorOf($"nodes:\n  - {{name: w1, host: a, port: 45000}}\n  - {node}\n"));

    [Theory]
    [InlineData("fetch_probability: 1", "line 1, column 1: nodes is missing: list every worker, for example 'nodes: [{name: w1, host: localhost, port: 45000}]'")]
    [InlineData("nodes: []", "line 1, column 8: nodes is empty; list every worker, for example {name: w1, host: localhost, port: 45000}")]
    [InlineData("nodes: w1", "line 1, column 8: nodes must be a list of maps such as {name: w1, host: localhost, port: 45000}, but is the text 'w1'")]
    [InlineData("nodes:", "line 1, column 1: nodes has no value; it must be a list of maps such as {name: w1, host: localhost, port: 45000}")]
    public void Without_nodes(string yaml, string error) => Assert.Equal(error, Configs.ErrorOf(yaml));

    [Fact]
    public void One_address_is_found_in_two_spellings() =>
        Assert.StartsWith(
            "line 1, column 74: port 1 on '0:0::1' is taken by another node, at line 1, column 38;",
            Configs.ErrorOf("nodes: [{name: a, host: '::1', port: 1}, {name: b, host: '0:0::1', port: 1}]"), StringComparison.Ordinal);

    [Fact]
    public void Nodes_say_where_they_come_from()
    {
        const string yaml = "nodes:\n  - {name: a, host: a, port: 1}\n  - name: b\n    host: b\n    port: 1\n";
        Assert.Equal(["line 2, column 5", "line 3, column 5"], DpwaOptions.Parse(yaml).Nodes.Select(n => n.Source));
    }

    [Fact]
    public void Every_error_is_reported_at_once_in_the_order_of_the_file()
    {
        const string yaml = """
            seed: many
            nodes:
              - {name: w1, host: a, port: 45000}
              - {name: w1, hots: b, port: 99999}
            interpolation: los
            timeout_ms: -1
            colour: red
            """;
        Assert.Equal(
            [
                (1, 7, "seed must be a whole number, but is the text 'many'"),
                (4, 5, "this node has no host"),
                (4, 12, "name 'w1' is taken by another node, at line 3, column 12; every worker has its own"),
                (4, 16, "unknown key 'hots'; did you mean 'host'?"),
                (4, 31, "port must be from 1 to 65535, but is 99999"),
                (5, 16, "interpolation is 'los', which is unknown; did you mean 'loss'?"),
                (6, 13, "timeout_ms must be from 1 to 86400000 ms, but is -1 ms"),
                (7, 1, "unknown key 'colour'; known are nodes, fetch_probability, timeout_ms, exchange_deadline_ms, interpolation, "
                    + "divergence_threshold, constant, clock, loss, apply, method, exchange, topology, graph, exchange_every, subset, outer, selector, transport, codec, max_staleness, cluster, max_connections, max_serves, bootstrap, late_fetch, max_delta_norm, quarantine, tls, cluster_key, seed"),
            ],
            Configs.ErrorsOf(yaml).Select(e => (e.Line, e.Column, e.Message)));
    }
}
