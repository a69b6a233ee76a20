using System.Text;

namespace Dpwa.Simulation.Runs;

/// <summary>A configuration of the words of a command line. They go through the reader of configurations, so that every key means what it means there, and errors read the same.</summary>
internal sealed class ConfigurationWords(int nodes)
{
    // What an option of its own says, and what else may say: both at once would leave open who is right.
    private static readonly string[] OnlyByOption = ["seed", "nodes"], ByOptionToo = ["method", "topology"];

    private readonly List<(string Word, string Key, string Value)> _lines = [];

    public void Add(string word, string key, string value) => _lines.Add((word, key, value));

    /// <summary>Adds <c>key=value</c>. What an option of its own has given cannot be set again.</summary>
    /// <exception cref="DpwaConfigurationException">It is something else, or the key is an option's.</exception>
    public void Add(string word, string pair)
    {
        int equals = pair.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || pair.AsSpan().ContainsAny('\n', '\r'))
            throw Wrong(word, "it must be a key of the configuration and its value, such as fetch_probability=0.5");
        string key = pair[..equals].Trim();
        if (OnlyByOption.Contains(key))
            throw Wrong(word, $"give it by the option of that name, --{key}, which is for all that is compared");
        if (ByOptionToo.Contains(key) && _lines.Exists(line => line.Key == key && line.Word.StartsWith($"--{key} ", StringComparison.Ordinal)))
            throw Wrong(word, $"it sets the {key}, and so does --{key}: leave one of them out");
        Add(word, key, pair[(equals + 1)..].Trim());
    }

    /// <summary>Adds a variant's keys, in place of those that <c>--set</c> has given.</summary>
    /// <exception cref="DpwaConfigurationException">A key is none, or an option's.</exception>
    public void AddVariant(SimulationVariant? variant)
    {
        if (variant is null)
            return;
        int before = _lines.Count;
        foreach (string pair in variant.Keys)
            Add($"--variant '{variant.Name}', {pair}", pair);
        HashSet<string> keys = [.. _lines.Skip(before).Select(line => line.Key)];
        for (int i = before - 1; i >= 0; i--)
        {
            if (keys.Contains(_lines[i].Key))
                _lines.RemoveAt(i);
        }
    }

    /// <summary>Whether a key has this value.</summary>
    public bool Has(string key, string value) => _lines.Exists(line => line.Key == key && line.Value == value);

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
