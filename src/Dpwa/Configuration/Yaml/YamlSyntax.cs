using YamlDotNet.Core;

namespace Dpwa.Configuration;

/// <summary>Turns the parser's exceptions into errors that a newcomer can act on.</summary>
internal static class YamlSyntax
{
    public static DpwaConfigurationException Error(string? file, string text, YamlException e)
    {
        var place = new Place(file, (int)e.Start.Line, (int)e.Start.Column);

        // For a tab the parser names the start of the surrounding map, not the line that has it.
        if (e.Message.Contains("tab as indentation", StringComparison.Ordinal))
            return ErrorList.Fatal(FirstTab(file, text) ?? place, "YAML does not allow tabs in the indentation; use spaces");
        return ErrorList.Fatal(place, $"this is not valid YAML: {Sentence(e.Message)}{Hint(e.Message)}");
    }

    private static string Sentence(string message)
    {
        string trimmed = message.Trim().TrimEnd('.');
        return trimmed.Length == 0 ? "the text cannot be parsed" : char.ToLowerInvariant(trimmed[0]) + trimmed[1..];
    }

    private static string Hint(string message) => message switch
    {
        _ when message.Contains("invalid mapping", StringComparison.Ordinal) =>
            "; is the indentation right, or does a text with ': ' need quotes?",
        _ when message.Contains("did not find expected key", StringComparison.Ordinal) => "; is the indentation right?",
        _ when message.Contains("cannot start any token", StringComparison.Ordinal) => "; a text that begins with it needs quotes",
        _ => "",
    };

    private static Place? FirstTab(string? file, string text)
    {
        int line = 0;
        foreach (ReadOnlySpan<char> content in text.AsSpan().EnumerateLines())
        {
            line++;
            int indentation = content.IndexOfAnyExcept(' ');
            if (indentation >= 0 && content[indentation] == '\t' && !content.IsWhiteSpace())
                return new(file, line, indentation + 1);
        }

        return null;
    }
}
