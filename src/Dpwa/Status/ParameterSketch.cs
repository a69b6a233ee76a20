using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Dpwa.Codecs;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Status;

/// <summary>
/// A linear projection of a model's parameters to <see cref="Length"/> numbers, the same at every node: <c>s_b = Σ σ_i·x_i</c> over the elements i with i mod Length = b, with signs σ_i = ±1 drawn from
/// a fixed seed. It is the count sketch of Charikar, Chen and Farach-Colton (2002) with the buckets in turn: E‖s‖² = ‖x‖², and, as the signs are independent,
/// Var‖s‖² = 2·Σ_b (Σ_{i∈b} x_i²)² − 2·Σ x_i⁴. Where the squares of a difference are spread evenly over the buckets, as those of thousands of weights are, the standard deviation of ‖s‖² is
/// √(2/Length)·‖x‖²: 4.4 %, and that of ‖s‖ 2.2 %. It is linear, so differences and means of models are those of sketches. One pass, at the speed of memory.
/// </summary>
internal static class ParameterSketch
{
    /// <summary>Numbers of a sketch.</summary>
    public const int Length = 1024;

    private const ulong Seed = 0x6470776121736B21;

    private static readonly Vector256<uint> ToSignBit = Vector256.Create(1u << 31, 1u << 30, 1u << 29, 1u << 28, 1u << 27, 1u << 26, 1u << 25, 1u << 24);

    /// <summary>The sketch of the parameters of a snapshot; statistics are no part of it.</summary>
    public static float[] Of(Snapshot snapshot)
    {
        var sums = new float[Length];
        ulong block = 0;
        Span<float> widened = stackalloc float[Length];
        for (int i = 0; i < snapshot.Layout.Tensors.Length; i++)
        {
            TensorInfo tensor = snapshot.Layout.Tensors[i];
            if (tensor.Kind != TensorKind.Parameter)
                continue;
            int bytes = Length * tensor.Type.Size();
            for (long at = 0; at < tensor.ByteLength; block++)
            {
                // A multiple of it: no segment ends within.
                ReadOnlySpan<byte> values = snapshot.Piece(snapshot.Layout.Offset(i) + at, Math.Min(bytes, tensor.ByteLength - at)).Span;
                Add(sums, Widen(values, tensor.Type, widened), block);
                at += values.Length;
            }
        }

        return sums;
    }

    /// <summary>Adds a block of values, each with its sign, to the sums.</summary>
    private static void Add(Span<float> sums, ReadOnlySpan<float> values, ulong block)
    {
        ref float sum = ref MemoryMarshal.GetReference(sums);
        ref float value = ref MemoryMarshal.GetReference(values);
        ulong signs = 0;
        int whole = values.Length - values.Length % Vector256<float>.Count;
        for (int i = 0; i < values.Length; i += Vector256<float>.Count)
        {
            signs = i % 64 == 0 ? Signs(block, i / 64) : signs >> 8;
            if (i < whole)
            {
                Vector256<uint> sign = (Vector256.Create((uint)(byte)signs) * ToSignBit) & Vector256.Create(0x8000_0000u);
                Vector256<float> signed = (Vector256.LoadUnsafe(ref value, (nuint)i).AsUInt32() ^ sign).AsSingle();
                (Vector256.LoadUnsafe(ref sum, (nuint)i) + signed).StoreUnsafe(ref sum, (nuint)i);
                continue;
            }

            for (int rest = i; rest < values.Length; rest++)
                sums[rest] += ((signs >> (rest - i)) & 1) != 0 ? -values[rest] : values[rest];
        }
    }

    /// <summary>64 signs: SplitMix64 of their place.</summary>
    private static ulong Signs(ulong block, int word)
    {
        ulong z = unchecked(Seed + (block * (Length / 64) + (ulong)word + 1) * 0x9E3779B97F4A7C15);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }

    private static ReadOnlySpan<float> Widen(ReadOnlySpan<byte> values, ElementType type, Span<float> widened)
    {
        switch (type)
        {
            case ElementType.Float32:
                return MemoryMarshal.Cast<byte, float>(values);
            case ElementType.Float64:
                ReadOnlySpan<double> doubles = MemoryMarshal.Cast<byte, double>(values);
                for (int i = 0; i < doubles.Length; i++)
                    widened[i] = (float)doubles[i];
                return widened[..doubles.Length];
            default:
                widened = widened[..(values.Length / 2)];
                PayloadCodecs.Decode(type == ElementType.Float16 ? PayloadCodec.Float16 : PayloadCodec.BFloat16, values, widened);
                return widened;
        }
    }
}
