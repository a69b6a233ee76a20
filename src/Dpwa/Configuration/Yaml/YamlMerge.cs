namespace Dpwa.Configuration;

/// <summary>The merge key of YAML 1.1 (<c>&lt;&lt;: *defaults</c>), which the original's parser knows: the merged keys stand in for those not given.</summary>
internal sealed class YamlMerge
{
    // Maps that merge each other grow with the square of the file's length.
    private const int Most = 50_000;

    private int merged;

    public IReadOnlyList<YamlEntry> Apply(List<YamlEntry> entries)
    {
        if (!entries.Exists(IsMerge))
            return entries;

        List<YamlEntry> result = entries.FindAll(e => !IsMerge(e));
        HashSet<string> known = [.. result.Select(e => e.Key).OfType<YamlScalar>().Select(k => k.Text)];
        foreach (YamlEntry merge in entries.FindAll(IsMerge))
        {
            foreach (YamlEntry entry in Maps(merge.Value).SelectMany(Entries))
            {
                if (entry.Key is YamlScalar key && known.Add(key.Text))
                    result.Add(entry);
            }
        }

        return result;
    }

    private static bool IsMerge(YamlEntry entry) => entry.Key is YamlScalar { IsPlain: true, Text: "<<" };

    private static IReadOnlyList<YamlValue> Maps(YamlValue value) => value is YamlList list ? list.Items : [value];

    private IReadOnlyList<YamlEntry> Entries(YamlValue value)
    {
        if (value is not YamlMap map)
            throw ErrorList.Fatal(value.Place, $"'<<' merges a map or a list of maps, but this is {value.Describe()}");
        merged += 1 + map.Entries.Count;
        if (merged > Most)
            throw ErrorList.Fatal(value.Place, $"the merge keys of this file add more than {Most} entries");
        return map.Entries;
    }
}
