namespace Dpwa.Configuration;

/// <summary>The entries of a map by key. Unknown and repeated keys are reported when it is made, values of a wrong type when they are asked for.</summary>
internal sealed class Fields
{
    private readonly Dictionary<string, YamlEntry> entries = new(StringComparer.Ordinal);
    private readonly ErrorList errors;
    private readonly string prefix;

    /// <param name="given">The entries.</param>
    /// <param name="known">The keys that mean something here.</param>
    /// <param name="prefix">What stands before a key in a message, such as <c>constant.</c></param>
    /// <param name="errors">Where errors go.</param>
    public Fields(IEnumerable<YamlEntry> given, IReadOnlyList<string> known, string prefix, ErrorList errors)
    {
        this.errors = errors;
        this.prefix = prefix;
        foreach (YamlEntry entry in given)
            Add(entry, known);
    }

    public bool Has(string key) => entries.ContainsKey(key);

    public YamlEntry? Entry(string key) => entries.TryGetValue(key, out YamlEntry entry) ? entry : null;

    /// <summary>The number, checked by the rule; null when the key is absent or its value is wrong.</summary>
    public double? Number(string key, string expected, Func<Subject, double, bool> rule)
    {
        if (Entry(key) is not { Value: var value } entry)
            return null;
        if (value is YamlScalar { IsPlain: true } scalar && YamlNumber.TryParse(scalar.Text, out double number, out _))
            return rule(Subject(key, value), number) ? number : null;
        return Wrong<double>(key, entry, expected);
    }

    /// <summary>The whole number, checked by the rule; null when the key is absent or its value is wrong.</summary>
    public int? Whole(string key, string expected, Func<Subject, double, bool> rule)
    {
        if (Entry(key) is not { Value: var value } entry)
            return null;
        if (value is YamlScalar { IsPlain: true } scalar && YamlNumber.TryParse(scalar.Text, out double number, out bool isWhole) && isWhole)
            return rule(Subject(key, value), number) ? (int)number : null;
        return Wrong<int>(key, entry, expected);
    }

    /// <summary>The text, checked by the rule; null when the key is absent or its value is wrong.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">What it should be, for the message.</param>
    /// <param name="rule">Reports what is wrong, and says whether the value can be used.</param>
    /// <param name="orNumber">Whether a number is taken as it is written: <c>name: 1</c> names a worker "1".</param>
    public string? Text(string key, string expected, Func<Subject, string, bool> rule, bool orNumber = false)
    {
        if (Entry(key) is not { Value: var value } entry)
            return null;
        if (value is YamlScalar { IsNothing: false, IsBoolean: false } scalar
            && (orNumber || !scalar.IsPlain || !YamlNumber.TryParse(scalar.Text, out _, out _)))
        {
            return rule(Subject(key, value), scalar.Text) ? scalar.Text : null;
        }

        Wrong<int>(key, entry, expected);
        return null;
    }

    /// <summary>A length of time, checked by the rule in milliseconds: a number of them, or a text with a unit; null when the key is absent or its value is wrong.</summary>
    public TimeSpan? Time(string key, string expected, Func<Subject, double, bool> rule)
    {
        if (Entry(key) is { Value: YamlScalar { IsNothing: false } scalar } && Durations.TryParse(scalar.Text, out double milliseconds))
            return rule(Subject(key, scalar), milliseconds) ? TimeSpan.FromMilliseconds(milliseconds) : null;
        return Number(key, expected, rule) is { } number ? TimeSpan.FromMilliseconds(number) : null;
    }

    /// <summary>Reports a value of a wrong type.</summary>
    public T? Wrong<T>(string key, YamlEntry entry, string expected)
        where T : struct
    {
        // Nothing stands where the value should be, and the parser's mark for it may lie on another line.
        if (entry.Value is YamlScalar { IsNothing: true })
            errors.Add(entry.Key.Place, $"{prefix}{key} has no value; it must be {expected}");
        else
            errors.Add(entry.Value.Place, $"{prefix}{key} must be {expected}, but is {entry.Value.Describe()}");
        return null;
    }

    public Subject Subject(string key, YamlValue value) => new(prefix + key, value.Place);

    private void Add(YamlEntry entry, IReadOnlyList<string> known)
    {
        if (entry.Key is not YamlScalar key)
            errors.Add(entry.Key.Place, $"a key must be a word, but this is {entry.Key.Describe()}");
        else if (!known.Contains(key.Text))
            errors.Add(key.Place, $"unknown key {Words.Quote(key.Text)}{Words.Suggest(key.Text, known)}");
        else if (entries.TryGetValue(key.Text, out YamlEntry first))
            errors.Add(key.Place, $"the key '{key.Text}' is given a second time; the first is at {first.Key.Place}");
        else
            entries.Add(key.Text, entry);
    }
}
