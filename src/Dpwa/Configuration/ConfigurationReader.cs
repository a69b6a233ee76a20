namespace Dpwa.Configuration;

/// <summary>YAML → <see cref="DpwaOptions"/>. No reflection: it works trimmed and compiled ahead of time.</summary>
internal static class ConfigurationReader
{
    public static DpwaOptions Load(string path, DpwaExtensions extensions)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Parse(ConfigurationFile.Read(path), path, extensions);
    }

    public static DpwaOptions Parse(string yaml, string? file, DpwaExtensions extensions)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        ArgumentNullException.ThrowIfNull(extensions);
        if (yaml.Length > ConfigurationFile.Largest)
            throw ConfigurationFile.TooLarge(file);

        // The parser takes a NUL for the end and would ignore what follows.
        string text = yaml.TrimStart('\uFEFF');
        if (text.IndexOf('\0', StringComparison.Ordinal) is >= 0 and int nul)
            throw ErrorList.Fatal(Place.Of(file, text, nul), "this is not text: it holds a NUL character");

        YamlValue? document = YamlTree.Read(file, text);
        if (document is null or YamlScalar { IsNothing: true })
            throw ErrorList.Fatal(new(file, 1, 1), "the configuration is empty; it needs at least nodes");

        var errors = new ErrorList();
        DpwaOptions options = new OptionsReader(document, extensions, errors).Read();
        errors.ThrowIfAny();
        return options with { Extensions = extensions, Source = file };
    }
}
