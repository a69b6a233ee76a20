namespace Dpwa.Configuration;

/// <summary>A value of a YAML document with its place. Aliases and merge keys are resolved: the values are a tree.</summary>
internal abstract record YamlValue(Place Place)
{
    /// <summary>What a message says that it found.</summary>
    public abstract string Describe();
}

/// <param name="Place">Where it begins.</param>
/// <param name="Text">The text, without quotes.</param>
/// <param name="IsPlain">Whether it may stand for a number, a boolean or nothing: neither quoted nor tagged as text.</param>
internal sealed record YamlScalar(Place Place, string Text, bool IsPlain) : YamlValue(Place)
{
    public bool IsNothing => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";

    public bool IsBoolean => IsPlain && Text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE";

    public bool IsOff => Text is "off" or "Off" or "OFF";

    public override string Describe() => this switch
    {
        { IsNothing: true } => "empty",
        { IsBoolean: true } => Text,
        { IsPlain: true } when YamlNumber.TryParse(Text, out _, out _) => $"the number {Text}",
        { IsPlain: false } when YamlNumber.TryParse(Text, out _, out _) => $"the text {Words.Quote(Text)} (a number has no quotes)",
        _ => $"the text {Words.Quote(Text)}",
    };
}

internal sealed record YamlList(Place Place, IReadOnlyList<YamlValue> Items) : YamlValue(Place)
{
    public override string Describe() => "a list";
}

internal sealed record YamlMap(Place Place, IReadOnlyList<YamlEntry> Entries) : YamlValue(Place)
{
    public override string Describe() => "a map";
}

internal readonly record struct YamlEntry(YamlValue Key, YamlValue Value);
