using System.Net;
using System.Text;

namespace Dpwa.Configuration;

/// <summary>What names and hosts may look like. They travel in messages and are shown in logs, so they are short and printable.</summary>
internal sealed class TextRules(ErrorList errors)
{
    /// <summary>The longest name in bytes of UTF-8.</summary>
    public const int LongestName = 255;

    public bool Name(Subject subject, string value)
    {
        string? wrong = value switch
        {
            _ when string.IsNullOrWhiteSpace(value) => "is empty",
            _ when char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[^1]) => "begins or ends with white space",
            _ when !value.EnumerateRunes().All(Words.IsPrintable) => "has control characters or others that cannot be shown",
            _ when Encoding.UTF8.GetByteCount(value) > LongestName => $"is longer than {LongestName} bytes",
            _ => null,
        };
        return wrong is null || Report(subject, value, wrong);
    }

    public bool Host(Subject subject, string value)
    {
        string? wrong = value switch
        {
            _ when string.IsNullOrWhiteSpace(value) => "is empty",
            _ when value.Any(char.IsWhiteSpace) || !value.EnumerateRunes().All(Words.IsPrintable) => "has white space or control characters",
            _ when value.Length > LongestName => $"is longer than {LongestName} characters",
            _ when value.Contains('/', StringComparison.Ordinal) => "is not a host name or address; leave out the scheme and the path",
            _ when value.StartsWith('[') => "has brackets; an IPv6 address is written without them here",
            _ when value.Contains(':', StringComparison.Ordinal) && !IPAddress.TryParse(value, out _) =>
                "is neither a host name nor an IPv6 address; the port has a key of its own",
            _ => null,
        };
        return wrong is null || Report(subject, value, wrong);
    }

    private bool Report(Subject subject, string value, string wrong)
    {
        errors.Add(subject.Place, value.Length == 0 ? $"{subject.Name} {wrong}" : $"{subject.Name} {Words.Quote(value)} {wrong}");
        return false;
    }
}
