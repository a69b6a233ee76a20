using System.Text;

namespace Dpwa.Simulation.Runs;

/// <summary>A configuration of the words of a command line. They go through the reader of configurations, so that every key means what it means there, and errors read the same.</summary>
internal sealed class ConfigurationWords(int nodes)
{
    private readonly List<(string Word, string Key, string Value)> _lines = [];

    public void Add(string word, string key, string value) => _lines.Add((word, key, value));

    /// <summary>Adds <c>key=value</c>.</summary>
    /// <exception cref="DpwaConfigurationException">It is something else.</exception>
    public void Add(string word, string pair)
    {
        int equals = pair.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || pair.AsSpan().ContainsAny('\n', '\r'))
            throw Wrong(word, "it must be a key of the configuration and its value, such as fetch_probability=0.5");
        Add(word, pair[..equals].Trim(), pair[(equals + 1)..].Trim());
    }

    /// <summary>Adds a variant's keys, in place of those that <c>--set</c> has given. What is compared by an option of its own cannot be set again.</summary>
    /// <exception cref="DpwaConfigurationException">A key is given by both, or is none.</exception>
    public void AddVariant(SimulationVariant? variant)
    {
        if (variant is null)
            return;
        int before = _lines.Count;
        foreach (string pair in variant.Keys)
            Add($"--variant '{variant.Name}', {pair}", pair);
        HashSet<string> keys = [.. _lines.Skip(before).Select(line => line.Key)];
        foreach (string key in new[] { "method", "topology" })
        {
            if (keys.Contains(key) && _lines.Exists(line => line.Key == key && line.Word.StartsWith($"--{key} ", StringComparison.Ordinal)))
                throw Wrong($"--variant '{variant.Name}'", $"it sets the {key}, and so does --{key}: leave one of them out");
        }

        for (int i = before - 1; i >= 0; i--)
        {
            if (keys.Contains(_lines[i].Key))
                _lines.RemoveAt(i);
        }
    }

    /// <summary>Takes a key out that has a value of no configuration; whether it was there.</summary>
    public bool Remove(string key, string value) => _lines.RemoveAll(line => line.Key == key && line.Value == value) > 0;

    /// <exception cref="DpwaConfigurationException">They are not valid; every error with the word it comes from.</exception>
    public DpwaOptions Parse()
    {
        var yaml = new StringBuilder();
        foreach ((_, string key, string value) in _lines)
            yaml.Append(key).Append(": ").Append(value).Append('\n');
        yaml.Append("nodes: [");
        for (int node = 1; node <= nodes; node++)
            yaml.Append("{name: w").Append(node).Append(", host: v, port: ").Append(node).Append("},");
        yaml.Append("]\n");
        try
        {
            return DpwaOptions.Parse(yaml.ToString());
        }
        catch (DpwaConfigurationException e)
        {
            throw new DpwaConfigurationException([.. e.Errors.Select(error => new ConfigurationError(error.Line > 0 && error.Line <= _lines.Count ? _lines[error.Line - 1].Word : null, 0, 0, error.Message))]);
        }
    }

    private static DpwaConfigurationException Wrong(string word, string what) => new([new(word, 0, 0, what)]);
}
