using System.Globalization;
using System.Text;
using Dpwa.Protocol;
using CsCheck;

namespace Dpwa.Tests.Configuration;

/// <summary>Options written in either form are read back as they were.</summary>
public class RoundTripTests
{
    private static readonly Gen<string> Name =
        Gen.Char["abcXYZ019-_.:/#'\"äß字 {}[]&*!|>%@`~?"].Array[1, 12].Select(c => new string(c)).Where(n => n.Trim() == n);

    private static readonly Gen<DpwaOptions> Options = Gen.Select(
        Name.HashSet[1, 6], Gen.Double[0, 1], Gen.Int[1, 100_000], Gen.OneOf("constant", "clock", "loss"), Gen.Double[0, 10], Gen.Bool, Gen.Int,
        (names, probability, timeout, interpolation, threshold, isDelta, seed) => new DpwaOptions
        {
            Nodes = [.. names.Select((n, i) => new DpwaNode(n, "localhost", 45000 + i) { Listen = i % 2 == 0 ? "::" : null })],
            FetchProbability = probability,
            Timeout = TimeSpan.FromMilliseconds(timeout),
            ExchangeDeadline = isDelta ? TimeSpan.FromMilliseconds(timeout * 2L) : null,
            Interpolation = interpolation,
            ConstantValue = 1 - probability,
            DivergenceThreshold = threshold,
            Apply = isDelta ? ApplyForm.Delta : ApplyForm.Parameters,
            Transport = (TransportChoice)(names.Count % 3),
            Codec = (PayloadCodec)(names.Count % 4),
            MaxStaleness = isDelta ? null : TimeSpan.FromSeconds(timeout),
            Cluster = names.First(),
            MaxConnections = timeout,
            MaxServes = timeout,
            Bootstrap = isDelta ? BootstrapSource.Peer : BootstrapSource.None,
            Seed = seed,
            Exchange = (ExchangeKind)(timeout % 2),
            Topology = (names.Count, isDelta) switch { (_, true) => Topology.Ring, (1, _) => Topology.Matching, _ => Topology.Graph },
            Graph = isDelta ? [] : [.. names.Zip(names.Skip(1)).Select(e => new GraphEdge(e.First, e.Second))],
            ExchangeEvery = timeout,
            Subset = isDelta ? 1 : 1 - probability / 2,
        });

    [Theory(Timeout = 60_000)]
    [InlineData("")]
    [InlineData("- ")]
    public Task What_is_written_is_read(string item) => Task.Run(
        () => Options.Sample(o => Assert.Equal(o, DpwaOptions.Parse(Write(o, item))), iter: 1000, threads: 1), TestContext.Current.CancellationToken);

    private static string Write(DpwaOptions o, string item)
    {
        var text = new StringBuilder();
        Line("nodes", $"[{string.Join(", ", o.Nodes.Select(Node))}]");
        Line("fetch_probability", o.FetchProbability);
        Line("timeout_ms", o.Timeout.TotalMilliseconds);
        if (o.ExchangeDeadline is { } deadline)
            Line("exchange_deadline_ms", deadline.TotalMilliseconds);
        Line("interpolation", o.Interpolation);
        Line("constant", string.Create(CultureInfo.InvariantCulture, $"{{value: {o.ConstantValue:R}}}"));
        Line("divergence_threshold", o.DivergenceThreshold);
        Line("apply", o.Apply == ApplyForm.Delta ? "delta" : "parameters");
        Line("transport", new[] { "auto", "tcp", "shared_memory" }[(int)o.Transport]);
        Line("codec", new[] { "float32", "bfloat16", "float16", "int8" }[(int)o.Codec]);
        Line("max_staleness", o.MaxStaleness is { } age ? $"{age.TotalSeconds}s" : "off");
        Line("cluster", Quote(o.Cluster));
        Line("max_connections", o.MaxConnections);
        Line("max_serves", o.MaxServes);
        Line("bootstrap", o.Bootstrap == BootstrapSource.Peer ? "peer" : "none");
        Line("seed", o.Seed!.Value);
        Line("exchange", new[] { "pull", "push", "push_sum", "swap" }[(int)o.Exchange]);
        Line("topology", new[] { "random", "matching", "ring", "exponential", "hypercube", "graph" }[(int)o.Topology]);
        Line("graph", $"[{string.Join(", ", o.Graph.Select(e => $"[{Quote(e.A)}, {Quote(e.B)}]"))}]");
        Line("exchange_every", o.ExchangeEvery);
        Line("subset", o.Subset);
        return text.ToString();

        void Line(string key, object value) => text.Append(CultureInfo.InvariantCulture, $"{item}{key}: {value}\n");
    }

    private static string Node(DpwaNode n) =>
        $"{{name: {Quote(n.Name)}, host: {n.Host}, port: {n.Port}{(n.Listen is null ? "" : $", listen: {Quote(n.Listen)}")}}}";

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
