using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dpwa.Configuration;

/// <summary>
/// Builds the values of one document from the parser's events. Our own, and not the library's representation model, because that one stops
/// at the first duplicate key and recurses as deep as the text tells it to.
/// </summary>
internal sealed class YamlTree
{
    // A configuration needs four levels. A bound keeps a hostile file from overflowing the stack, which no handler could catch.
    private const int Deepest = 32;

    private readonly YamlEvents events;
    private readonly Dictionary<AnchorName, YamlValue?> anchors = [];
    private readonly YamlMerge merge = new();

    private YamlTree(YamlEvents events) => this.events = events;

    /// <summary>The value of the only document, or null when there is none.</summary>
    /// <exception cref="DpwaConfigurationException">The text is not YAML, or holds what a configuration must not.</exception>
    public static YamlValue? Read(string? file, string text) => new YamlTree(new YamlEvents(file, text)).Document();

    private YamlValue? Document()
    {
        events.Next<StreamStart>();
        if (events.Peek is StreamEnd)
            return null;

        events.Next<DocumentStart>();
        YamlValue root = Value(depth: 1);
        events.Next<DocumentEnd>();
        if (events.Peek is DocumentStart)
            throw ErrorList.Fatal(events.Place, "a second document begins here; a configuration is only one");
        return root;
    }

    private YamlValue Value(int depth)
    {
        if (depth > Deepest)
            throw ErrorList.Fatal(events.Place, $"this is nested more than {Deepest} levels deep");
        if (events.Peek is AnchorAlias)
            return Aliased();

        var start = events.PeekAs<NodeEvent>();
        if (!start.Anchor.IsEmpty)
            anchors[start.Anchor] = null; // under construction, so that an alias inside it is seen to be circular
        YamlValue value = start switch
        {
            SequenceStart => List(depth),
            MappingStart => Map(depth),
            _ => Scalar(),
        };
        if (!start.Anchor.IsEmpty)
            anchors[start.Anchor] = value;
        return value;
    }

    private YamlValue Aliased()
    {
        Place place = events.Place;
        AnchorName name = events.Next<AnchorAlias>().Value;
        if (!anchors.TryGetValue(name, out YamlValue? value))
            throw ErrorList.Fatal(place, $"no anchor {Words.Quote("&" + name.Value)} stands before this alias");
        if (value is null)
            throw ErrorList.Fatal(place, $"the alias {Words.Quote("*" + name.Value)} stands inside what it refers to");
        return value with { Place = place };
    }

    private YamlList List(int depth)
    {
        Place place = events.Place;
        events.Next<SequenceStart>();
        List<YamlValue> items = [];
        while (!events.TryNext<SequenceEnd>())
            items.Add(Value(depth + 1));
        return new(place, items);
    }

    private YamlMap Map(int depth)
    {
        Place place = events.Place;
        events.Next<MappingStart>();
        List<YamlEntry> entries = [];
        while (!events.TryNext<MappingEnd>())
            entries.Add(new(Value(depth + 1), Value(depth + 1)));
        return new(place, merge.Apply(entries));
    }

    private YamlScalar Scalar()
    {
        Place place = events.Place;
        Scalar scalar = events.Next<Scalar>();
        string? tag = scalar.Tag.IsEmpty ? null : scalar.Tag.Value;
        return tag switch
        {
            null => new(place, scalar.Value, scalar.Style == ScalarStyle.Plain),
            "!" or "tag:yaml.org,2002:str" => new(place, scalar.Value, IsPlain: false),
            "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:null" =>
                new(place, scalar.Value, IsPlain: true),
            _ => throw ErrorList.Fatal(place, $"the tag {Words.Quote(tag)} means nothing in a configuration; leave it out"),
        };
    }
}
