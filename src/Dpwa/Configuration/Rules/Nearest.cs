namespace Dpwa.Configuration;

/// <summary>Finds the name that a misspelt one was meant to be.</summary>
internal static class Nearest
{
    // No name worth guessing at is longer, and the distance takes the product of both lengths.
    private const int Longest = 64;

    /// <summary>The nearest of the known names, or null when none is near.</summary>
    public static string? To(string text, IEnumerable<string> known)
    {
        if (text.Length is 0 or > Longest)
            return null;

        string plain = Plain(text);
        string? nearest = null;
        int least = int.MaxValue;
        foreach (string name in known)
        {
            int distance = Distance(plain, Plain(name));
            if (distance < least)
                (nearest, least) = (name, distance);
        }

        // One slip in three letters is a slip; more is another word. A part of a name ("timeout" for "timeout_ms") counts as one.
        return least <= Math.Max(1, text.Length / 3) ? nearest : null;
    }

    /// <summary>Case, and a hyphen for an underscore, are no slips to be counted.</summary>
    private static string Plain(string name) => name.ToLowerInvariant().Replace('-', '_');

    private static int Distance(string text, string name)
    {
        if (name.Length > Longest)
            return int.MaxValue;
        if (text.Length >= 4 && name.Length >= 4 && text != name
            && (name.Contains(text, StringComparison.Ordinal) || text.Contains(name, StringComparison.Ordinal)))
        {
            return 1;
        }

        return Damerau(text, name);
    }

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours (Damerau–Levenshtein, optimal string alignment).</summary>
    private static int Damerau(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            cost[0, j] = j;

        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int change = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                int best = Math.Min(change, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = Math.Min(best, cost[i - 2, j - 2] + 1);
                cost[i, j] = best;
            }
        }

        return cost[a.Length, b.Length];
    }
}
