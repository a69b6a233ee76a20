using Dpwa.Data;

namespace Dpwa.Simulation;

/// <summary>
/// Random numbers that a seed and their use choose, the same in every version of .NET. SplitMix64 (Steele, Lea, Flood 2014) in 8 bytes, so that each of ten thousand nodes can have its own;
/// normal ones by Box and Muller's method.
/// </summary>
internal struct NormalStream(long seed, params ReadOnlySpan<long> uses)
{
    private ulong _state = KeyedPermutation.Key(seed, uses);

    /// <summary>Uniform in (0, 1).</summary>
    public double NextUniform()
    {
        _state = KeyedPermutation.Key((long)_state);
        return ToUniform(_state);
    }

    /// <summary>Uniform in 0 … count − 1.</summary>
    public int NextIndex(int count) => (int)(NextUniform() * count);

    /// <summary>Normal with mean 0 and variance 1.</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(NextUniform()));
        return radius * Math.Cos(2 * Math.PI * NextUniform());
    }

    /// <summary>The one number in (0, 1) that belongs to a seed and a use: no order of draws changes it.</summary>
    public static double Uniform(long seed, params ReadOnlySpan<long> uses) => ToUniform(KeyedPermutation.Key(seed, uses));

    private static double ToUniform(ulong bits) => ((bits >> 12) + 0.5) / (1UL << 52);
}
