namespace Dpwa.Configuration;

/// <summary>Checks options that were built, or changed, in code: by the rules of the file, with the properties' names for places.</summary>
internal static class OptionsValidator
{
    public static void ThrowIfInvalid(DpwaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new ErrorList();
        if (HasNoNulls(options, errors))
        {
            CheckValues(options, errors);
            CheckNodes(options.Nodes, errors);
            foreach ((_, string message) in Combinations.Wrong(options))
                errors.Add(default, message);
        }

        errors.ThrowIfAny();
    }

    public static DpwaNode FindNode(DpwaOptions options, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (options.Nodes.FirstOrDefault(n => n.Name == name) is { } found)
            return found;

        string[] names = [.. options.Nodes.Select(n => n.Name)];
        string nearest = Nearest.To(name, names) is { } near ? $"; did you mean {Words.Quote(near)}?" : "";
        string known = names.Length == 0 ? "there are no nodes" : $"the nodes are {Words.List(names)}";
        throw ErrorList.Fatal(new(options.Source, 0, 0), $"no node is named {Words.Quote(name)}{nearest} ({known})");
    }

    private static bool HasNoNulls(DpwaOptions options, ErrorList errors)
    {
        (string, object?)[] values =
        [
            (nameof(options.Nodes), options.Nodes), (nameof(options.Interpolation), options.Interpolation),
            (nameof(options.Selector), options.Selector), (nameof(options.Cluster), options.Cluster),
            (nameof(options.Graph), options.Graph), (nameof(options.Method), options.Method),
            (nameof(options.Extensions), options.Extensions), (nameof(options.LoggerFactory), options.LoggerFactory),
            (nameof(options.TimeProvider), options.TimeProvider),
        ];
        string[] nulls = [.. values.Where(v => v.Item2 is null).Select(v => v.Item1)];
        foreach (string name in nulls)
            errors.Add(default, $"{name} must not be null");
        return nulls.Length == 0;
    }

    private static void CheckValues(DpwaOptions options, ErrorList errors)
    {
        var rules = new OptionsRules(errors, options.Extensions);
        rules.FetchProbability(Property(nameof(options.FetchProbability)), options.FetchProbability);
        rules.ConstantValue(Property(nameof(options.ConstantValue)), options.ConstantValue);
        rules.DivergenceThreshold(Property(nameof(options.DivergenceThreshold)), options.DivergenceThreshold);
        rules.Interpolation(Property(nameof(options.Interpolation)), options.Interpolation);
        rules.Selector(Property(nameof(options.Selector)), options.Selector);
        rules.Cluster(Property(nameof(options.Cluster)), options.Cluster);
        rules.MaxConnections(Property(nameof(options.MaxConnections)), options.MaxConnections);
        rules.MaxServes(Property(nameof(options.MaxServes)), options.MaxServes);
        rules.Method(Property(nameof(options.Method)), options.Method);
        rules.ExchangeEvery(Property(nameof(options.ExchangeEvery)), options.ExchangeEvery);
        rules.Subset(Property(nameof(options.Subset)), options.Subset);
        if (options.Outer is { } outer)
        {
            rules.Alpha(Property($"{nameof(options.Outer)}.{nameof(outer.Alpha)}"), outer.Alpha);
            rules.Beta(Property($"{nameof(options.Outer)}.{nameof(outer.Beta)}"), outer.Beta);
            rules.Gamma(Property($"{nameof(options.Outer)}.{nameof(outer.Gamma)}"), outer.Gamma);
        }

        CheckSafety(options, rules);
        if (!Enum.IsDefined(options.Exchange))
            rules.Exchange(Property(nameof(options.Exchange)), options.Exchange.ToString());
        if (!Enum.IsDefined(options.Topology))
            rules.Topology(Property(nameof(options.Topology)), options.Topology.ToString());
        if (options.MaxStaleness is { } staleness)
            rules.MaxStaleness(Property(nameof(options.MaxStaleness)), staleness.TotalMilliseconds);
        if (!Enum.IsDefined(options.Apply))
            rules.Apply(Property(nameof(options.Apply)), options.Apply.ToString());
        if (!Enum.IsDefined(options.Bootstrap))
            rules.Bootstrap(Property(nameof(options.Bootstrap)), options.Bootstrap.ToString());
        if (!Enum.IsDefined(options.Transport))
            rules.Transport(Property(nameof(options.Transport)), options.Transport.ToString());
        if (!Enum.IsDefined(options.Codec))
            rules.Codec(Property(nameof(options.Codec)), options.Codec.ToString());

        bool hasTimeout = rules.Timeout(Property(nameof(options.Timeout)), options.Timeout.TotalMilliseconds);
        Subject deadline = Property(nameof(options.ExchangeDeadline));
        if (options.ExchangeDeadline is { TotalMilliseconds: var value } && rules.ExchangeDeadline(deadline, value) && hasTimeout)
            rules.DeadlineHolds(deadline, value, options.Timeout.TotalMilliseconds);
    }

    private static void CheckSafety(DpwaOptions options, OptionsRules rules)
    {
        if (!Enum.IsDefined(options.LateFetch))
            rules.LateFetch(Property(nameof(options.LateFetch)), options.LateFetch.ToString());
        if (options.MaxDeltaNorm is { } limit)
        {
            rules.DeltaNorm(Property($"{nameof(options.MaxDeltaNorm)}.{nameof(limit.Value)}"), limit.Value);
            if (!Enum.IsDefined(limit.Excess))
                rules.Excess(Property($"{nameof(options.MaxDeltaNorm)}.{nameof(limit.Excess)}"), limit.Excess.ToString());
        }

        if (options.Quarantine is { } quarantine)
        {
            rules.QuarantineAfter(Property($"{nameof(options.Quarantine)}.{nameof(quarantine.After)}"), quarantine.After);
            rules.QuarantineFor(Property($"{nameof(options.Quarantine)}.{nameof(quarantine.For)}"), quarantine.Duration.TotalMilliseconds);
        }

        if (options.Tls is { } tls)
        {
            rules.FilePath(Property($"{nameof(options.Tls)}.{nameof(tls.Authority)}"), tls.Authority ?? "");
            rules.FilePath(Property($"{nameof(options.Tls)}.{nameof(tls.Certificate)}"), tls.Certificate ?? "");
            rules.FilePath(Property($"{nameof(options.Tls)}.{nameof(tls.Key)}"), tls.Key ?? "");
        }

        if (options.ClusterKey?.File is { } file)
            rules.FilePath(Property($"{nameof(options.ClusterKey)}.{nameof(ClusterKeySource.File)}"), file);
        if (options.ClusterKey?.Environment is { } variable)
            rules.Variable(Property($"{nameof(options.ClusterKey)}.{nameof(ClusterKeySource.Environment)}"), variable);
    }

    private static void CheckNodes(IReadOnlyList<DpwaNode> nodes, ErrorList errors)
    {
        var rules = new NodeRules(errors, leastPort: 0);
        if (nodes.Count == 0)
            errors.Add(default, $"{nameof(DpwaOptions.Nodes)} is empty; list every worker");
        for (int i = 0; i < nodes.Count; i++)
            CheckNode(nodes[i], $"{nameof(DpwaOptions.Nodes)}[{i}]", rules, errors);
    }

    private static void CheckNode(DpwaNode? node, string called, NodeRules rules, ErrorList errors)
    {
        if (node is null or { Name: null } or { Host: null })
        {
            errors.Add(default, $"{called}{(node is null ? "" : node.Name is null ? ".Name" : ".Host")} must not be null");
            return;
        }

        // A node that was loaded and changed afterwards: where it came from helps to find it.
        string from = node.Source is null ? "" : $" (from {node.Source})";
        rules.Name(Property($"{called}.{nameof(node.Name)}{from}"), node.Name);
        if (node.Listen is not null)
            rules.Host(Property($"{called}.{nameof(node.Listen)}{from}"), node.Listen);

        Subject port = Property($"{called}.{nameof(node.Port)}{from}");
        if (rules.Host(Property($"{called}.{nameof(node.Host)}{from}"), node.Host) & rules.Port(port, node.Port))
            rules.Endpoint(port, node.Host, node.Port);
    }

    private static Subject Property(string name) => new(name, default);
}
