namespace Dpwa.Examples.CharGpt.Model;

/// <summary>The size of a <see cref="Gpt"/>.</summary>
/// <param name="Vocabulary">The number of tokens.</param>
/// <param name="Context">How many characters it looks back at most, the present one included.</param>
/// <param name="Layers">Blocks one after the other.</param>
/// <param name="Heads">Attention heads of a block; a divisor of <paramref name="Embed"/>.</param>
/// <param name="Embed">The width: numbers a character.</param>
public sealed record GptShape(int Vocabulary, int Context, int Layers, int Heads, int Embed);
