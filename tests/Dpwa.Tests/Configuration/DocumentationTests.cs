using System.Text.RegularExpressions;

namespace Dpwa.Tests.Configuration;

/// <summary>docs/configuration.md says what the code does.</summary>
public sealed partial class DocumentationTests : IDisposable
{
    private static readonly string Page = File.ReadAllText(Configs.RepositoryFile("docs", "configuration.md")).ReplaceLineEndings("\n");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("dpwa-docs-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Its_files_load()
    {
        string[] files = Blocks("yaml", Page.Split("\n## Errors\n")[0]);
        Assert.Equal(5, files.Length);
        Assert.All(files, f => DpwaOptions.Parse(f).Validate());
    }

    [Fact]
    public void Its_errors_are_those_of_its_wrong_file()
    {
        string section = Page.Split("\n## Errors\n")[1];
        string path = Path.Combine(folder.FullName, "dpwa.yaml");
        File.WriteAllText(path, Assert.Single(Blocks("yaml", section)));

        string errors = Assert.Throws<DpwaConfigurationException>(() => DpwaOptions.Load(path)).Message;
        Assert.Equal(Blocks("text", section)[0], errors.Replace(path, "dpwa.yaml", StringComparison.Ordinal).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Its_table_has_every_key()
    {
        string known = Configs.ErrorOf(Configs.OneNode + "zzzzzzzz: 1").Split("known are ")[1];
        string table = Page.Split("\n## Keys\n")[1].Split("\n### ")[0];
        Assert.Equal(known.Split(", ").Order(), Key().Matches(table).Select(m => m.Groups["key"].Value).Order());
    }

    private static string[] Blocks(string language, string text) =>
        [.. Block().Matches(text).Where(m => m.Groups["language"].Value == language).Select(m => m.Groups["text"].Value)];

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<text>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\| `(?<key>\w+)`", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Key();
}
