using System.Text;

namespace Dpwa.Examples.CharGpt.Text;

/// <summary>One token a character: the characters of a text in the order of their code points, so that every worker that reads the same text numbers them alike.</summary>
/// <remarks>A character is a Unicode scalar value, never half of a surrogate pair.</remarks>
public sealed class CharTokenizer
{
    private readonly Rune[] _characters;
    private readonly Dictionary<Rune, int> _tokens;

    /// <summary>The tokenizer of the characters of <paramref name="text"/>.</summary>
    public CharTokenizer(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _characters = [.. text.EnumerateRunes().Distinct().Order()];
        _tokens = _characters.Index().ToDictionary(c => c.Item, c => c.Index);
    }

    /// <summary>The number of tokens.</summary>
    public int Count => _characters.Length;

    /// <summary>The tokens of a text, each in [0, <see cref="Count"/>).</summary>
    /// <exception cref="CharGptException">A character is not one of the tokenizer's.</exception>
    public long[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.EnumerateRunes().Select(c => _tokens.TryGetValue(c, out int token)
            ? token
            : throw new CharGptException($"The character '{c}' (U+{c.Value:X4}) does not occur in the text that the model was made for."))];
    }

    /// <summary>The text of these tokens.</summary>
    /// <exception cref="IndexOutOfRangeException">One is no token.</exception>
    public string Decode(IEnumerable<long> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return string.Concat(tokens.Select(token => _characters[token].ToString()));
    }
}
