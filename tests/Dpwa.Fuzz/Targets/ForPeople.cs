using System.Globalization;
using System.Text;
using Dpwa.Fuzz.Engine;

namespace Dpwa.Fuzz.Targets;

/// <summary>What is said to people about bytes that came from somewhere: it ends on a terminal or in a log, and must not be able to steer those or to fill them.</summary>
internal static class ForPeople
{
    private const int Longest = 2000;

    /// <summary>Some text, of one line (or of lines), without what cannot be shown, and without the text of a stack trace.</summary>
    public static void Check(string text, bool lines = false, int longest = Longest)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new BrokenPromiseException("a message says nothing");
        if (text.Length > longest)
            throw new BrokenPromiseException("a message is too long for people");
        if (text.Where((c, i) => char.IsSurrogate(c) && !char.IsSurrogatePair(text, i) && (i == 0 || !char.IsSurrogatePair(text, i - 1))).Any())
            throw new BrokenPromiseException("a message has half a character");
        foreach (Rune rune in text.EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            bool isShown = category is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            if (!isShown && !(lines && rune.Value is '\n' or '\r'))
                throw new BrokenPromiseException($"a message has a character of the category {category}");
        }

        if (text.Contains("   at ", StringComparison.Ordinal) || text.Contains("Exception", StringComparison.Ordinal))
            throw new BrokenPromiseException("a message has the text of a stack trace");
    }
}
