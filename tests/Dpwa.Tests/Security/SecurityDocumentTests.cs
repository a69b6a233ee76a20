using System.Text.RegularExpressions;
using Dpwa.Tests.Configuration;

namespace Dpwa.Tests.Security;

/// <summary>SECURITY.md: every sentence that says what holds, or does not, names the tests that show it, and these exist.</summary>
public sealed partial class SecurityDocumentTests
{
    private const string Report = "**Report**";
    private static readonly string[] Page = File.ReadAllText(Configs.RepositoryFile("SECURITY.md")).ReplaceLineEndings("\n").Split('\n');
    private static readonly Dictionary<string, string> Sources = ReadSources();

    [Fact]
    public void Every_row_is_one_sentence_and_names_a_test()
    {
        Assert.True(Rows().Count > 30, "the tables were not found");
        Assert.All(Rows(), row =>
        {
            Assert.Matches(OneSentence(), row.Sentence);
            Assert.NotEmpty(row.Tests);
        });
    }

    /// <summary>Prose beside the tables would be sentences without tests: there is what to do, and to whom to report.</summary>
    [Fact]
    public void What_holds_is_said_in_tables_only()
    {
        int first = Array.FindIndex(Page, line => line.StartsWith("## ", StringComparison.Ordinal));
        string[] prose = [.. Page.Skip(first).Where(line => line.Length > 0 && line[0] is not ('|' or '#'))];
        Assert.Equal(["Set [`cluster_key` or `tls`](docs/configuration.md#encryption-and-identity) wherever there is somebody in the network whom you do not trust."], prose);
        Assert.StartsWith(Report, Assert.Single(Page.Take(first), line => line.Length > 0 && line[0] != '#'), StringComparison.Ordinal);
    }

    public static TheoryData<string> Names => [.. Rows().SelectMany(row => row.Tests).Distinct()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_test_that_is_named_exists(string name) => Assert.True(Exists(name), $"there is no test {name}");

    [Theory]
    [InlineData("WireTests.No_such_test")]
    [InlineData("NoSuchTests.Two_members_exchange")]
    [InlineData("RefusalTests.IsRefused")]
    [InlineData("RefusalTests.Wrong")]
    public void What_is_no_test_is_not_taken_for_one(string name) => Assert.False(Exists(name));

    private static List<(string Sentence, string[] Tests)> Rows() =>
    [
        .. from line in Page
           where line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| what ", StringComparison.Ordinal)
           let cells = line.Trim('|').Split('|')
           select (cells[0].Trim(), Name().Matches(cells[1]).Select(m => m.Groups[1].Value).ToArray()),
    ];

    /// <summary>A class that inherits a whole suite is named by its own name twice.</summary>
    private static bool Exists(string name)
    {
        string[] parts = name.Split('.');
        if (!Sources.TryGetValue(parts[0], out string? source))
            return false;
        return parts[0] == parts[1]
            ? Regex.IsMatch(source, $@"class {parts[0]} : \w+Suite\b")
            : Regex.IsMatch(source, $@"\[(Fact|Theory)(?![^\n]*Skip\b)[^\n]*\n(\s*(\[[^\n]*|""[^\n]*)\n)*\s*public (async )?(Task|void) {Regex.Escape(parts[1])}\(");
    }

    /// <summary>The text of the file in which each class of tests is: of all test projects, also of those that this one does not know.</summary>
    private static Dictionary<string, string> ReadSources()
    {
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        char separator = Path.DirectorySeparatorChar;
        foreach (string file in Directory.EnumerateFiles(Configs.RepositoryFile("tests"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains($"{separator}obj{separator}", StringComparison.Ordinal)))
        {
            string text = File.ReadAllText(file).ReplaceLineEndings("\n");
            foreach (Match match in TestClass().Matches(text))
                sources[match.Groups[1].Value] = text;
        }

        return sources;
    }

    [GeneratedRegex(@"^(?!.*\. )\S.*\.$")]
    private static partial Regex OneSentence();

    [GeneratedRegex("`(\\w+\\.\\w+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"^public (?:sealed |abstract |static )*(?:partial )?class (\w+)", RegexOptions.Multiline)]
    private static partial Regex TestClass();
}
