using System.Globalization;
using System.Text;

namespace Dpwa.Configuration;

/// <summary>Pieces of messages.</summary>
internal static class Words
{
    private const int LongestQuote = 60;

    /// <summary>The text between quotes, cut when long. Control characters are escaped: a file must not be able to steer the terminal.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (Rune rune in text.EnumerateRunes().Take(LongestQuote))
        {
            if (IsPrintable(rune))
                quoted.Append(rune);
            else
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
        }

        return quoted.Append(text.EnumerateRunes().Skip(LongestQuote).Any() ? "…'" : "'").ToString();
    }

    /// <summary>Whether a character can stand in a name that is shown in logs and on terminals.</summary>
    public static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned) && rune != Rune.ReplacementChar;

    /// <summary><c>; did you mean 'clock'?</c> when one of the known names is near, else <c>; known are clock, loss</c>.</summary>
    public static string Suggest(string text, IEnumerable<string> known)
    {
        string[] names = [.. known];
        if (Nearest.To(text, names) is { } nearest)
            return $"; did you mean {Quote(nearest)}?";
        return names.Length == 0 ? "" : $"; known are {List(names)}";
    }

    /// <summary>The names with commas between them, at most forty: all keys of a configuration.</summary>
    public static string List(IReadOnlyCollection<string> names)
    {
        const int most = 40;
        string shown = string.Join(", ", names.Take(most));
        return names.Count > most ? $"{shown} and {names.Count - most} more" : shown;
    }

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
