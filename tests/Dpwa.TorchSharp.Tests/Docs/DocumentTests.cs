using Dpwa.Tests.Shared;

namespace Dpwa.TorchSharp.Tests.Docs;

/// <summary>Code in the documents compiles: each C# block stands, line by line, in the Snippets.cs of a test project. And links between documents lead somewhere.</summary>
public class DocumentTests
{
    private static readonly string Root = Repository.Root;

    public static TheoryData<string> Documents => [.. Directory.EnumerateFiles(Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md"))
        .Select(path => Path.GetRelativePath(Root, path))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_csharp_block_is_compiled_by_a_test_project(string document)
    {
        string[] compiled = Lines(new[] { "Dpwa.TorchSharp.Tests", "Dpwa.Cli.Tests", "Dpwa.Monitoring.Tests" }.SelectMany(project => File.ReadLines(Path.Combine(Root, "tests", project, "Docs", "Snippets.cs"))));
        foreach (string[] block in Blocks(document, "csharp"))
            Assert.True(Contains(compiled, block), $"{document}: this block stands in no Snippets.cs:\n{string.Join('\n', block)}");
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_leads_to_a_file(string document)
    {
        string text = File.ReadAllText(Path.Combine(Root, document));
        foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(text, @"\]\((?!https?:|#)([^)#]+)"))
        {
            string target = Path.Combine(Root, Path.GetDirectoryName(document)!, link.Groups[1].Value);
            Assert.True(File.Exists(target) || Directory.Exists(target), $"{document} links to {link.Groups[1].Value}, which is not there");
        }
    }

    private static IEnumerable<string[]> Blocks(string document, string language)
    {
        var block = new List<string>();
        bool inside = false;
        foreach (string line in File.ReadLines(Path.Combine(Root, document)))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                if (inside && block.Count > 0)
                    yield return Lines(block);
                block.Clear();
                inside = !inside && line == "```" + language;
            }
            else if (inside)
            {
                block.Add(line);
            }
        }
    }

    private static string[] Lines(IEnumerable<string> lines) => [.. lines.Select(l => l.Trim()).Where(l => l.Length > 0)];

    private static bool Contains(string[] text, string[] block) =>
        Enumerable.Range(0, Math.Max(0, text.Length - block.Length + 1)).Any(start => text.AsSpan(start, block.Length).SequenceEqual(block));
}
