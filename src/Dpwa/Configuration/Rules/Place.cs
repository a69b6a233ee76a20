namespace Dpwa.Configuration;

/// <summary>A place in a configuration; the default value is nowhere, as for options built in code.</summary>
/// <param name="File">The file, or null when the text did not come from one.</param>
/// <param name="Line">The line, from 1; 0 when unknown.</param>
/// <param name="Column">The column, from 1; 0 when unknown.</param>
internal readonly record struct Place(string? File, int Line, int Column)
{
    /// <summary>The place of the character at <paramref name="index"/>.</summary>
    public static Place Of(string? file, ReadOnlySpan<char> text, int index)
    {
        ReadOnlySpan<char> before = text[..index];
        int line = 1 + before.Count('\n');
        return new(file, line, index - before.LastIndexOf('\n'));
    }

    /// <summary><c>file:line:column</c>, or <c>line 3, column 5</c> without a file.</summary>
    public override string ToString() => (File, Line) switch
    {
        (null, 0) => "",
        (null, _) => $"line {Line}, column {Column}",
        (_, 0) => File,
        _ => $"{File}:{Line}:{Column}",
    };
}

/// <summary>What a rule speaks of: a key with its place in a file, or a property of an options record.</summary>
/// <param name="Name">How the message calls it: <c>timeout_ms</c>, or <c>Timeout</c> in code.</param>
/// <param name="Place">Where its value stands.</param>
internal readonly record struct Subject(string Name, Place Place)
{
    /// <summary>How another error refers to it.</summary>
    public string Where => Place.Line > 0 ? Place.ToString() : Name;
}
