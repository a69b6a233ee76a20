using System.Text.RegularExpressions;
using Dpwa.Configuration;
using Dpwa.Peers;

namespace Dpwa.Tests.Configuration;

/// <summary>docs/methods.md says what the code does: presets, and what goes with what.</summary>
public sealed partial class MethodsDocumentTests
{
    private static readonly string Page = File.ReadAllText(Configs.RepositoryFile("docs", "methods.md")).ReplaceLineEndings("\n");

    private static readonly DpwaExtensions Extensions = DpwaExtensions.None.Add(new Mine());

    public static TheoryData<string> Methods => [.. GossipMethods.Names];

    /// <summary>Rows of the table of refusals: settings, number of nodes, reason.</summary>
    public static TheoryData<string, int, string> Refused =>
        [.. Rows("because").Select(cells => (Code(cells[0]), cells[0].EndsWith("with three nodes", StringComparison.Ordinal) ? 3 : 2, cells[1]))];

    /// <summary>Cells of the table of valid settings: settings, exchange, yes or no.</summary>
    public static TheoryData<string, string, bool> Valid =>
        [.. Rows("pull | push").SelectMany(cells => new[] { "pull", "push", "push_sum", "swap" }.Select((exchange, i) => (Code(cells[0]), exchange, Yes(cells[i + 1]))))];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_preset_has_a_section_with_a_paper_and_exactly_its_settings(string method)
    {
        string section = Page.Split($"\n### {method}\n")[1].Split("\n##")[0];
        Assert.Matches(@"https://(arxiv\.org/abs/\d{4}\.\d{5}|openreview\.net/forum)", section);
        Assert.Contains("- **When**:", section, StringComparison.Ordinal);
        Assert.Contains("- **When not**:", section, StringComparison.Ordinal);
        Assert.Equal(Options(2, $"method: {method}") with { Method = "dpwa" }, Options(2, Block().Match(section).Groups["text"].Value));
    }

    [Fact]
    public void Every_section_of_a_preset_is_of_one_that_there_is() =>
        Assert.Equal(GossipMethods.Names, Heading().Matches(Page).Select(m => m.Groups["name"].Value));

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_the_table_refuses_is_refused_for_that_reason(string settings, int nodes, string reason) =>
        Assert.Contains(
            Assert.Throws<DpwaConfigurationException>(() => Options(nodes, settings)).Errors,
            e => e.Message.StartsWith(reason, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Valid))]
    public void What_the_table_allows_is_valid_and_nothing_else(string settings, string exchange, bool isValid)
    {
        string apply = exchange == "swap" && !settings.Contains("apply", StringComparison.Ordinal) ? ", apply: delta" : "";
        string yaml = $"{{exchange: {exchange}{apply}, {(settings[0] == '{' ? settings[1..^1] : settings)}}}";
        if (isValid)
            Options(2, yaml).Validate();
        else
            Assert.Throws<DpwaConfigurationException>(() => Options(2, yaml));
    }

    /// <summary>Every refusal that any mix of settings can meet stands in the table.</summary>
    [Fact]
    public void Every_rule_stands_in_the_table()
    {
        string[] reasons = [.. Rows("because").Select(cells => Plain(cells[1]))];
        string[] met = [.. Mixes().SelectMany(Combinations.Wrong).Select(w => Plain(w.Message)).Distinct()];
        Assert.All(met, message => Assert.Contains(reasons, reason => message.StartsWith(reason, StringComparison.Ordinal)));
        Assert.All(reasons, reason => Assert.Contains(met, message => message.StartsWith(reason, StringComparison.Ordinal)));
    }

    private static IEnumerable<DpwaOptions> Mixes() =>
    [
        .. Methodical(),
        .. Methodical().Select(o => o with { MaxDeltaNorm = new(1), LateFetch = LateFetch.Skip, Bootstrap = BootstrapSource.Peer }),
    ];

    private static IEnumerable<DpwaOptions> Methodical() =>
        from exchange in Enum.GetValues<ExchangeKind>()
        from apply in Enum.GetValues<ApplyForm>()
        from topology in Enum.GetValues<Topology>()
        from interpolation in new[] { "constant", "clock" }
        from threshold in new[] { 0.0, 1 }
        from subset in new[] { 1, 0.1 }
        from outer in new[] { null, new OuterOptimizerOptions(), new OuterOptimizerOptions(Gamma: 2) }
        from selector in new[] { "random", "mine" }
        from graph in new GraphEdge[][] { [], [new("w1", "w2"), new("w2", "w3")], [new("w1", "w9"), new("w2", "w2")] }
        select new DpwaOptions
        {
            Nodes = Options(3, "seed: 1").Nodes,
            Exchange = exchange,
            Apply = apply,
            Topology = topology,
            Interpolation = interpolation,
            DivergenceThreshold = threshold,
            Subset = subset,
            Outer = outer,
            Selector = selector,
            Graph = graph,
        };

    private static DpwaOptions Options(int nodes, string settings)
    {
        string list = $"nodes: [{string.Join(", ", Enumerable.Range(1, nodes).Select(i => $"{{name: w{i}, host: localhost, port: {45000 + i}}}"))}]";
        return DpwaOptions.Parse(settings.StartsWith('{') ? $"{{{list}, {settings[1..]}" : $"{list}\n{settings}", Extensions);
    }

    /// <summary>The cells of the rows below the header that has these words.</summary>
    private static string[][] Rows(string header) =>
        [.. Page.Split('\n').SkipWhile(l => !(l.StartsWith("| settings |", StringComparison.Ordinal) && l.Contains(header, StringComparison.Ordinal)))
            .Skip(2).TakeWhile(l => l.StartsWith('|')).Select(l => l.Split(" | ").Select(c => c.Trim('|', ' ')).ToArray())];

    private static string Code(string cell) => cell.Split('`')[1];

    private static bool Yes(string cell) => cell switch
    {
        "yes" => true,
        "no" => false,
        _ => throw new InvalidDataException($"a cell of the table is neither yes nor no: {cell}"),
    };

    /// <summary>Without the names and numbers of an instance.</summary>
    private static string Plain(string message) => Instance().Replace(message.Split("; did you mean")[0].Split("; known are")[0], "…");

    [GeneratedRegex(@"^```yaml\n(?<text>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    [GeneratedRegex(@"^### (?<name>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex(@"'w\d'|w\d+(, w\d+)*|is \d[\d.]*|are \d+|= \d[\d.]*", RegexOptions.ExplicitCapture)]
    private static partial Regex Instance();

    private sealed class Mine : IPeerSelector
    {
        public string Name => "mine";

        public int Select(IPeerCandidates candidates) => candidates.DrawByScore();
    }
}
