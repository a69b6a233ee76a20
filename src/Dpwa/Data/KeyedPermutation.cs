using System.Numerics;

namespace Dpwa.Data;

/// <summary>
/// A pseudo-random permutation of 0 … length−1 that a key chooses: the same on every machine, operating system and version, and each value
/// is computed by itself, without a table.
/// </summary>
/// <remarks>
/// It is fixed for good, so that others can compute the same: a balanced Feistel network of 8 rounds over 2·h bits, h the smallest number ≥ 4 with
/// 4^h ≥ length; round r maps (left, right) to (right, left XOR (mix(right + key + (r + 1)·0x9E3779B97F4A7C15) mod 2^h)), mix being the finaliser of
/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014), all modulo 2^64. A result ≥ length is put in
/// again until it is below ("cycle walking"; fewer than 4 times on average from length 64 on).
/// </remarks>
public readonly struct KeyedPermutation
{
    private const int Rounds = 8;
    private const int SmallestHalf = 4;
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ulong _key;
    private readonly int _half;

    /// <summary>The permutation of <paramref name="length"/> values that <paramref name="key"/> chooses.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public KeyedPermutation(long length, ulong key)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        _key = key;
        int bits = length <= 1 ? 0 : 64 - BitOperations.LeadingZeroCount((ulong)(length - 1));
        _half = Math.Max(SmallestHalf, (bits + 1) / 2);
    }

    /// <summary>The number of values.</summary>
    public long Length { get; }

    /// <summary>The value at <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not from 0 to <see cref="Length"/> − 1.</exception>
    public long this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Length);
            ulong value = (ulong)index;
            do
            {
                value = Shuffle(value);
            }
            while (value >= (ulong)Length);
            return (long)value;
        }
    }

    /// <summary>Where <paramref name="value"/> stands: the inverse, also without a table. <c>permutation[permutation.IndexOf(v)] == v</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is not from 0 to <see cref="Length"/> − 1.</exception>
    public long IndexOf(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(value, Length);

        // What the cycle skipped on its way here it skips on its way back.
        ulong index = (ulong)value;
        do
        {
            index = Unshuffle(index);
        }
        while (index >= (ulong)Length);
        return (long)index;
    }

    /// <summary>A key from a seed and numbers that set its uses apart (an epoch, a worker): the SplitMix64 finaliser over each in turn.</summary>
    public static ulong Key(long seed, params ReadOnlySpan<long> uses)
    {
        ulong key = Mix((ulong)seed + Golden);
        foreach (long use in uses)
            key = Mix((key ^ (ulong)use) + Golden);
        return key;
    }

    private ulong Shuffle(ulong value)
    {
        (ulong left, ulong right) = Halves(value);
        for (uint round = 0; round < Rounds; round++)
            (left, right) = (right, left ^ Scrambled(right, round));
        return (left << _half) | right;
    }

    private ulong Unshuffle(ulong value)
    {
        (ulong left, ulong right) = Halves(value);
        for (uint round = Rounds; round-- > 0;)
            (left, right) = (right ^ Scrambled(left, round), left);
        return (left << _half) | right;
    }

    private (ulong Left, ulong Right) Halves(ulong value) => (value >> _half, value & Mask);

    private ulong Scrambled(ulong half, uint round) => Mix(unchecked(half + _key + (round + 1) * Golden)) & Mask;

    private ulong Mask => (1UL << _half) - 1;

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
