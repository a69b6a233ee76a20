using Dpwa.Protocol;

namespace Dpwa.Configuration;

/// <summary>Reads the keys of a configuration into options.</summary>
internal sealed class OptionsReader
{
    private const string Milliseconds = "a number of milliseconds";

    private static readonly string[] Keys =
    [
        "nodes", "fetch_probability", "timeout_ms", "exchange_deadline_ms", "interpolation", "divergence_threshold",
        "constant", "clock", "loss", "apply", "method", "exchange", "topology", "graph", "exchange_every", "subset", "outer", "selector", "transport", "codec", "max_staleness", "cluster", "max_connections", "max_serves",
        "bootstrap", "late_fetch", "max_delta_norm", "quarantine", "tls", "cluster_key", "seed",
    ];

    private readonly ErrorList errors;
    private readonly OptionsRules rules;
    private readonly Place document;
    private readonly Fields fields;

    public OptionsReader(YamlValue document, DpwaExtensions extensions, ErrorList errors)
    {
        this.errors = errors;
        this.document = document.Place;
        rules = new(errors, extensions);
        fields = new(TopLevel.Entries(document, errors), Keys, "", errors);
    }

    /// <summary>The options; of use only when no error was found.</summary>
    public DpwaOptions Read()
    {
        NoSettings("clock");
        NoSettings("loss");
        DpwaOptions defaults = GossipMethods.Options(fields.Text("method", "the name of a method", rules.Method) ?? "dpwa");
        string? interpolation = fields.Text("interpolation", "the name of a method", rules.Interpolation);
        var safety = new SafetyReader(fields, rules, errors);
        TimeSpan? timeout = Time(fields.Number("timeout_ms", Milliseconds, rules.Timeout));
        DpwaOptions options = defaults with
        {
            Nodes = new NodesReader(errors).Read(fields, document),
            FetchProbability = fields.Number("fetch_probability", "a number from 0 to 1", rules.FetchProbability) ?? defaults.FetchProbability,
            Timeout = timeout ?? defaults.Timeout,
            ExchangeDeadline = Time(fields.Number("exchange_deadline_ms", Milliseconds, Deadline)),
            Interpolation = interpolation ?? defaults.Interpolation,
            ConstantValue = ConstantValue(interpolation ?? defaults.Interpolation) ?? defaults.ConstantValue,
            DivergenceThreshold = fields.Number("divergence_threshold", "a number from 0", rules.DivergenceThreshold)
                ?? defaults.DivergenceThreshold,
            Apply = (ApplyForm)Choice("apply", OptionsRules.ApplyForms, rules.Apply, (int)defaults.Apply),
            Exchange = (ExchangeKind)Choice("exchange", OptionsRules.Exchanges, rules.Exchange, (int)defaults.Exchange),
            Topology = (Topology)Choice("topology", OptionsRules.Topologies, rules.Topology, (int)defaults.Topology),
            Graph = Graph(),
            ExchangeEvery = fields.Whole("exchange_every", "a whole number from 1", rules.ExchangeEvery) ?? defaults.ExchangeEvery,
            Subset = fields.Number("subset", "a number above 0 and up to 1", rules.Subset) ?? defaults.Subset,
            Outer = Outer(defaults.Outer),
            Transport = (TransportChoice)Choice("transport", OptionsRules.Transports, rules.Transport),
            Codec = (PayloadCodec)Choice("codec", OptionsRules.Codecs, rules.Codec),
            Selector = fields.Text("selector", "the name of a selector", rules.Selector) ?? defaults.Selector,
            MaxStaleness = MaxStaleness(),
            Cluster = fields.Text("cluster", "a text", rules.Cluster, orNumber: true) ?? "",
            MaxConnections = fields.Whole("max_connections", "a whole number from 1", rules.MaxConnections) ?? defaults.MaxConnections,
            MaxServes = fields.Whole("max_serves", "a whole number from 1", rules.MaxServes) ?? defaults.MaxServes,
            Bootstrap = (BootstrapSource)Choice("bootstrap", OptionsRules.Bootstraps, rules.Bootstrap),
            LateFetch = (LateFetch)Choice("late_fetch", OptionsRules.LateFetches, rules.LateFetch),
            MaxDeltaNorm = safety.MaxDeltaNorm(),
            Quarantine = safety.Quarantine(),
            Tls = safety.Tls(),
            ClusterKey = safety.ClusterKey(),
            Seed = fields.Whole("seed", "a whole number", rules.Seed),
        };
        foreach ((string key, string message) in Combinations.Wrong(options))
            errors.Add(fields.Entry(key)?.Key.Place ?? fields.Entry("method")?.Key.Place ?? document, message);
        return options;

        // A time-out that was given and refused is no measure for the deadline.
        bool Deadline(Subject subject, double value) =>
            rules.ExchangeDeadline(subject, value)
            && ((timeout is null && fields.Has("timeout_ms"))
                || rules.DeadlineHolds(subject, value, (timeout ?? defaults.Timeout).TotalMilliseconds));
    }

    /// <summary>One of several words, by its index; the first when the key is absent or wrong.</summary>
    private int Choice(string key, string[] words, Func<Subject, string, bool> rule, int otherwise = 0) =>
        Array.IndexOf(words, fields.Text(key, string.Join(", ", words[..^1]) + " or " + words[^1], rule)) is >= 0 and int index ? index : otherwise;

    /// <summary><c>graph: [[w1, w2], [w2, w3]]</c></summary>
    private List<GraphEdge> Graph()
    {
        const string expected = "a list of pairs of names, such as [[w1, w2], [w2, w3]]";
        List<GraphEdge> edges = [];
        switch (fields.Entry("graph"))
        {
            case null:
                break;
            case { Value: YamlList list }:
                foreach (YamlValue item in list.Items)
                {
                    if (item is YamlList { Items: [YamlScalar { IsNothing: false } a, YamlScalar { IsNothing: false } b] })
                        edges.Add(new(a.Text, b.Text));
                    else
                        errors.Add(item.Place, $"an edge of graph must be a pair of names such as [w1, w2], but is {item.Describe()}");
                }

                break;
            case { } entry:
                fields.Wrong<int>("graph", entry, expected);
                break;
        }

        return edges;
    }

    /// <summary><c>outer: {alpha: 0.5, beta: 0.7, gamma: 0.6}</c>, or <c>off</c></summary>
    private OuterOptimizerOptions? Outer(OuterOptimizerOptions? given)
    {
        switch (fields.Entry("outer"))
        {
            case null:
                return given;
            case { Value: YamlScalar { IsOff: true } }:
                return null;
            case { Value: YamlMap map }:
                var outer = new Fields(map.Entries, ["alpha", "beta", "gamma"], "outer.", errors);
                OuterOptimizerOptions standard = given ?? new();
                return new(
                    outer.Number("alpha", "a number from 0 and below 1", rules.Alpha) ?? standard.Alpha,
                    outer.Number("beta", "a number above 0", rules.Beta) ?? standard.Beta,
                    outer.Number("gamma", "a number from 0", rules.Gamma) ?? standard.Gamma);
            case { } entry:
                fields.Wrong<int>("outer", entry, "a map such as {alpha: 0.5, beta: 0.7, gamma: 0.6}, or off");
                return null;
        }
    }

    /// <summary><c>constant: {value: 0.5}</c></summary>
    private double? ConstantValue(string interpolation)
    {
        switch (fields.Entry("constant"))
        {
            case null or { Value: YamlScalar { IsNothing: true } }:
                return null;
            case { Value: YamlMap map }:
                return new Fields(map.Entries, ["value"], "constant.", errors).Number("value", "a number from 0 to 1", rules.ConstantValue);
            case { Value: YamlScalar { IsPlain: true, Text: "0" } } when interpolation != "constant":
                // The original's "no settings", as its sample writes for clock and loss. With the constant method it would look like a factor.
                return null;
            case { } entry:
                return fields.Wrong<double>("constant", entry, "a map such as {value: 0.5}");
        }
    }

    /// <summary><c>clock</c> and <c>loss</c> have nothing to set: nothing, an empty map, and the 0 of the original's sample.</summary>
    private void NoSettings(string key)
    {
        switch (fields.Entry(key))
        {
            case null or { Value: YamlScalar { IsNothing: true } or YamlScalar { IsPlain: true, Text: "0" } }:
                break;
            case { Value: YamlMap map }:
                _ = new Fields(map.Entries, [], key + ".", errors);
                break;
            case { } entry:
                fields.Wrong<int>(key, entry, "empty or {}: it has no settings");
                break;
        }
    }

    /// <summary>Milliseconds, a text with a unit, or <c>off</c>.</summary>
    private TimeSpan? MaxStaleness() => fields.Entry("max_staleness") is { Value: YamlScalar { IsOff: true } }
        ? null
        : fields.Time("max_staleness", "a number of milliseconds, a time such as 500ms, 30s or 2m, or off", rules.MaxStaleness);

    private static TimeSpan? Time(double? milliseconds) => milliseconds is { } value ? TimeSpan.FromMilliseconds(value) : null;
}
