namespace Dpwa.Exchange;

/// <summary>Text from a peer. It ends on a terminal or in a log.</summary>
internal static class UntrustedText
{
    private const int Longest = 400;

    /// <summary>The text cut short and without control characters.</summary>
    public static string Printable(string text) => string.Concat(text.Take(Longest).Select(c => char.IsControl(c) ? ' ' : c));
}
