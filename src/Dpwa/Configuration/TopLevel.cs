namespace Dpwa.Configuration;

/// <summary>The two forms of a document: the original's list of one-key maps, and a plain map.</summary>
internal static class TopLevel
{
    public static IReadOnlyList<YamlEntry> Entries(YamlValue document, ErrorList errors)
    {
        switch (document)
        {
            case YamlMap map:
                return map.Entries;
            case YamlList list:
                return [.. list.Items.SelectMany(item => Item(item, errors))];
            default:
                throw ErrorList.Fatal(
                    document.Place, $"a configuration is a map of keys or a list of one-key maps, but this is {document.Describe()}");
        }
    }

    private static IReadOnlyList<YamlEntry> Item(YamlValue item, ErrorList errors)
    {
        if (item is not YamlMap map)
        {
            errors.Add(item.Place, $"an item of the list must be one key and its value, such as 'timeout_ms: 2500', but is {item.Describe()}");
            return [];
        }

        if (map.Entries.Count == 0)
            errors.Add(map.Place, "an item of the list must be one key and its value, but has none");

        // The original takes the first key of an item and silently forgets the others.
        foreach (YamlEntry more in map.Entries.Skip(1))
            errors.Add(more.Key.Place, "an item of the list has only one key; begin a new item, with '- ' before this key");
        return map.Entries;
    }
}
