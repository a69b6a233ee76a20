namespace Dpwa.Configuration;

/// <summary>Reads <c>nodes</c>: a list of maps.</summary>
internal sealed class NodesReader(ErrorList errors)
{
    private const string Example = "{name: w1, host: localhost, port: 45000}";
    private static readonly string[] Keys = ["name", "host", "port", "listen"];

    private readonly NodeRules rules = new(errors, leastPort: 1);

    public IReadOnlyList<DpwaNode> Read(Fields fields, Place document)
    {
        if (fields.Entry("nodes") is not { } entry)
        {
            errors.Add(document, $"nodes is missing: list every worker, for example 'nodes: [{Example}]'");
            return [];
        }

        if (entry.Value is not YamlList list)
        {
            fields.Wrong<int>("nodes", entry, $"a list of maps such as {Example}");
            return [];
        }

        if (list.Items.Count == 0)
            errors.Add(list.Place, $"nodes is empty; list every worker, for example {Example}");
        return [.. list.Items.Select(Node).OfType<DpwaNode>()];
    }

    private DpwaNode? Node(YamlValue value)
    {
        if (value is not YamlMap map)
        {
            errors.Add(value.Place, $"a node must be a map such as {Example}, but is {value.Describe()}");
            return null;
        }

        var fields = new Fields(map.Entries, Keys, "", errors);
        string? name = fields.Text("name", "a text", rules.Name, orNumber: true);
        string? host = fields.Text("host", "a host name or address", rules.Host);
        int? port = fields.Whole("port", "a whole number from 1 to 65535", rules.Port);
        string? listen = fields.Text("listen", "an address of this machine, such as 0.0.0.0", rules.Host);

        string called = name is null ? "this node" : $"the node {Words.Quote(name)}";
        foreach (string key in Keys.Where(k => k != "listen" && !fields.Has(k)))
            errors.Add(map.Place, $"{called} has no {key}");
        if (host is not null && port is not null)
            rules.Endpoint(fields.Subject("port", fields.Entry("port")!.Value.Value), host, port.Value);

        // Only whole nodes: an error above means that the list is thrown away in any case.
        return name is null || host is null || port is null
            ? null
            : new(name, host, port.Value) { Listen = listen, Source = map.Place.ToString() };
    }
}
