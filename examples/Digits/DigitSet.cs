using Dpwa.Data;

namespace Dpwa.Examples.Digits;

/// <summary>Images of 8 × 8 pixels from 0 to 1, row by row, one after the other, and what each shows.</summary>
internal sealed record DigitSet(float[] Values, int[] Labels)
{
    /// <summary>Of an image.</summary>
    public const int Pixels = 64;

    // Of five images one is for the test.
    private const int TestShare = 5;

    public int Count => Labels.Length;

    public ReadOnlySpan<float> Image(int index) => Values.AsSpan(index * Pixels, Pixels);

    /// <summary>A fifth, the same in every process, to test with; the rest to train on.</summary>
    public (DigitSet Train, DigitSet Test) Split()
    {
        var deck = new KeyedPermutation(Count, KeyedPermutation.Key(seed: 0));
        ILookup<bool, int> parts = Enumerable.Range(0, Count).ToLookup(i => i % TestShare == 0, i => (int)deck[i]);
        return (Of(parts[false]), Of(parts[true]));
    }

    private DigitSet Of(IEnumerable<int> indices)
    {
        int[] chosen = [.. indices];
        return new([.. chosen.SelectMany(i => Image(i).ToArray())], [.. chosen.Select(i => Labels[i])]);
    }
}
