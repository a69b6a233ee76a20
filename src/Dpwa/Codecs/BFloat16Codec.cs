using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dpwa.Codecs;

/// <summary>
/// float32 to bfloat16 and back. Rounded to nearest, ties to even; a finite value stays finite, an infinity or a NaN stays one.
/// </summary>
internal static class BFloat16Codec
{
    private const int Magnitude = 0x7FFF_FFFF;
    private const int Infinity = 0x7F80_0000;
    private const int Largest = 0x7F7F_0000;
    private const int Quiet = 0x0040_0000;

    public static void Encode(ReadOnlySpan<float> values, Span<ushort> destination)
    {
        ref float from = ref MemoryMarshal.GetReference(values);
        ref ushort to = ref MemoryMarshal.GetReference(destination[..values.Length]);
        int i = 0;
        for (; i <= values.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector<uint> low = Rounded(Vector.LoadUnsafe(ref from, (nuint)i)) >>> 16;
            Vector<uint> high = Rounded(Vector.LoadUnsafe(ref from, (nuint)(i + Vector<float>.Count))) >>> 16;
            Vector.Narrow(low, high).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < values.Length; i++)
            destination[i] = Encode(values[i]);
    }

    public static void Decode(ReadOnlySpan<ushort> encoded, Span<float> values)
    {
        ref ushort from = ref MemoryMarshal.GetReference(encoded);
        ref float to = ref MemoryMarshal.GetReference(values[..encoded.Length]);
        int i = 0;
        for (; i <= encoded.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref from, (nuint)i), out Vector<uint> low, out Vector<uint> high);
            Vector.AsVectorSingle(low << 16).StoreUnsafe(ref to, (nuint)i);
            Vector.AsVectorSingle(high << 16).StoreUnsafe(ref to, (nuint)(i + Vector<float>.Count));
        }

        for (; i < encoded.Length; i++)
            values[i] = BitConverter.UInt32BitsToSingle((uint)encoded[i] << 16);
    }

    /// <summary>Rounds finite values to what <see cref="Decode(ReadOnlySpan{ushort}, Span{float})"/> would give of them.</summary>
    public static void RoundTrip(ReadOnlySpan<float> values, Span<float> result)
    {
        ref float from = ref MemoryMarshal.GetReference(values);
        ref float to = ref MemoryMarshal.GetReference(result[..values.Length]);
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.AsVectorSingle(Rounded(Vector.LoadUnsafe(ref from, (nuint)i)) & new Vector<uint>(0xFFFF_0000)).StoreUnsafe(ref to, (nuint)i);
        for (; i < values.Length; i++)
            result[i] = BitConverter.UInt32BitsToSingle((uint)Encode(values[i]) << 16);
    }

    /// <summary>The nearest bfloat16 in the upper halves; the lower ones are arbitrary.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Rounded(Vector<float> values)
    {
        Vector<int> bits = Vector.AsVectorInt32(values);
        Vector<int> magnitude = bits & new Vector<int>(Magnitude);
        Vector<int> capped = Vector.Min(magnitude, new Vector<int>(Largest));
        Vector<int> rounded = capped + new Vector<int>(0x7FFF) + ((capped >>> 16) & Vector<int>.One);
        Vector<int> special = magnitude | (Vector.GreaterThan(magnitude, new Vector<int>(Infinity)) & new Vector<int>(Quiet));
        Vector<int> value = Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<int>(Infinity)), rounded, special);
        return Vector.AsVectorUInt32(value | (bits & new Vector<int>(~Magnitude)));
    }

    private static ushort Encode(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value);
        int magnitude = bits & Magnitude;
        int capped = Math.Min(magnitude, Largest);
        int rounded = magnitude < Infinity
            ? capped + 0x7FFF + ((capped >>> 16) & 1)
            : magnitude | (magnitude > Infinity ? Quiet : 0);
        return (ushort)((rounded | (bits & ~Magnitude)) >>> 16);
    }
}
