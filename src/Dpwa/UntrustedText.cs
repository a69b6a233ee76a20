using System.Globalization;
using System.Text;

namespace Dpwa;

/// <summary>Text from a peer or from a file. It ends on a terminal or in a log.</summary>
internal static class UntrustedText
{
    private const int Longest = 400;

    /// <summary>The text cut short, on one line, and without what could steer a terminal or turn the order of what is shown.</summary>
    public static string Printable(string text)
    {
        if (text.Length <= Longest && text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
            return text;
        var printable = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes().Take(Longest))
            printable.Append(IsShown(rune) ? rune.ToString() : " ");
        return printable.ToString();
    }

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
