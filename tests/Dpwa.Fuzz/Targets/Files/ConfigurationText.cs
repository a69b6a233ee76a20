using System.Globalization;
using System.Text;

namespace Dpwa.Fuzz.Targets.Files;

/// <summary>Options as the text of a configuration: every key. Who adds one adds it here; a test says so.</summary>
internal static class ConfigurationText
{
    private static readonly string[] Transports = ["auto", "tcp", "shared_memory"];
    private static readonly string[] Codecs = ["float32", "bfloat16", "float16", "int8"];
    private static readonly string[] Exchanges = ["pull", "push", "push_sum", "swap"];

    public static string Of(DpwaOptions options)
    {
        var text = new StringBuilder();
        Line("nodes", $"[{string.Join(", ", options.Nodes.Select(Node))}]");
        Line("fetch_probability", Number(options.FetchProbability));
        Line("timeout_ms", Milliseconds(options.Timeout));
        if (options.ExchangeDeadline is { } deadline)
            Line("exchange_deadline_ms", Milliseconds(deadline));
        Line("interpolation", Quote(options.Interpolation));
        Line("constant", $"{{value: {Number(options.ConstantValue)}}}");
        Line("divergence_threshold", Number(options.DivergenceThreshold));
        Line("apply", options.Apply == ApplyForm.Delta ? "delta" : "parameters");
        Line("method", Quote(options.Method));
        Line("exchange", Exchanges[(int)options.Exchange]);
        Line("topology", options.Topology.ToString().ToLowerInvariant());
        Line("graph", $"[{string.Join(", ", options.Graph.Select(e => $"[{Quote(e.A)}, {Quote(e.B)}]"))}]");
        Line("exchange_every", Whole(options.ExchangeEvery));
        Line("subset", Number(options.Subset));
        Line("outer", options.Outer is { } outer ? $"{{alpha: {Number(outer.Alpha)}, beta: {Number(outer.Beta)}, gamma: {Number(outer.Gamma)}}}" : "off");
        Line("selector", Quote(options.Selector));
        Line("transport", Transports[(int)options.Transport]);
        Line("codec", Codecs[(int)options.Codec]);
        Line("max_staleness", options.MaxStaleness is { } age ? Milliseconds(age) : "off");
        Line("cluster", Quote(options.Cluster));
        Line("max_connections", Whole(options.MaxConnections));
        Line("max_serves", Whole(options.MaxServes));
        Line("bootstrap", options.Bootstrap.ToString().ToLowerInvariant());
        Line("late_fetch", options.LateFetch.ToString().ToLowerInvariant());
        Line("max_delta_norm", options.MaxDeltaNorm is { } limit ? $"{{value: {Number(limit.Value)}, excess: {limit.Excess.ToString().ToLowerInvariant()}}}" : "off");
        Line("quarantine", options.Quarantine is { } quarantine ? $"{{after: {Whole(quarantine.After)}{(quarantine.For is { } time ? $", for: {Milliseconds(time)}" : "")}}}" : "off");
        if (options.Tls is { } tls)
            Line("tls", $"{{authority: {Quote(tls.Authority)}, certificate: {Quote(tls.Certificate)}, key: {Quote(tls.Key)}}}");
        if (options.ClusterKey is { } key)
            Line("cluster_key", key.File is { } file ? $"{{file: {Quote(file)}}}" : $"{{environment: {Quote(key.Environment!)}}}");
        if (options.Seed is { } seed)
            Line("seed", Whole(seed));
        return text.ToString();

        void Line(string key, string value) => text.Append(CultureInfo.InvariantCulture, $"{key}: {value}\n");
    }

    private static string Node(DpwaNode node) =>
        $"{{name: {Quote(node.Name)}, host: {Quote(node.Host)}, port: {Whole(node.Port)}{(node.Listen is { } listen ? $", listen: {Quote(listen)}" : "")}}}";

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>With half a tick more, since a time is read by cutting what is less than one.</summary>
    private static string Milliseconds(TimeSpan time) => Number((time.Ticks + 0.5) / TimeSpan.TicksPerMillisecond);
}
