using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dpwa.Codecs;

/// <summary>
/// float32 to float16 and back. Rounded to nearest, ties to even; a finite value stays finite, an infinity or a NaN stays one.
/// </summary>
internal static partial class Float16Codec
{
    private const int Magnitude = 0x7FFF_FFFF;
    private const int Infinity = 0x7F80_0000;

    /// <summary>65504 as float32.</summary>
    private const int Largest = 0x477F_E000;

    /// <summary>2^-14 as float32: below it float16 is subnormal, in steps of 2^-24, which are the steps of float32 from 0.5 on.</summary>
    private const int SmallestNormal = 0x3880_0000;
    private const float Half = 0.5f;
    private const int HalfBits = 0x3F00_0000;

    /// <summary>What the exponents' biases differ by, 127 − 15, and the half of a unit less one.</summary>
    private const int Rebias = -(112 << 23) + 0xFFF;
    private const int Infinity16 = 0x7C00;
    private const int Quiet16 = 0x0200;

    // A float16 shifted to where float32 has its exponent and fraction.
    private const int Infinity16Shifted = 0x7C00 << 13;
    private const int SmallestNormal16Shifted = 0x0400 << 13;
    private const int Bias = 112 << 23;
    private const int SubnormalBias = 113 << 23;

    public static void Encode(ReadOnlySpan<float> values, Span<ushort> destination)
    {
        ref float from = ref MemoryMarshal.GetReference(values);
        ref ushort to = ref MemoryMarshal.GetReference(destination[..values.Length]);
        int i = EncodeWide(values, destination);
        for (; i <= values.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector<uint> low = Encode(Vector.LoadUnsafe(ref from, (nuint)i));
            Vector<uint> high = Encode(Vector.LoadUnsafe(ref from, (nuint)(i + Vector<float>.Count)));
            Vector.Narrow(low, high).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < values.Length; i++)
            destination[i] = Encode(values[i]);
    }

    public static void Decode(ReadOnlySpan<ushort> encoded, Span<float> values)
    {
        ref ushort from = ref MemoryMarshal.GetReference(encoded);
        ref float to = ref MemoryMarshal.GetReference(values[..encoded.Length]);
        int i = DecodeWide(encoded, values);
        for (; i <= encoded.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref from, (nuint)i), out Vector<uint> low, out Vector<uint> high);
            Decode(low).StoreUnsafe(ref to, (nuint)i);
            Decode(high).StoreUnsafe(ref to, (nuint)(i + Vector<float>.Count));
        }

        for (; i < encoded.Length; i++)
            values[i] = Decode(encoded[i]);
    }

    /// <summary>Rounds finite values to what <see cref="Decode(ReadOnlySpan{ushort}, Span{float})"/> would give of them.</summary>
    public static void RoundTrip(ReadOnlySpan<float> values, Span<float> result)
    {
        ref float from = ref MemoryMarshal.GetReference(values);
        ref float to = ref MemoryMarshal.GetReference(result[..values.Length]);
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            Rounded(Vector.LoadUnsafe(ref from, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        for (; i < values.Length; i++)
            result[i] = Decode(Encode(values[i]));
    }

    /// <summary>The nearest float16, as float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Rounded(Vector<float> values)
    {
        Vector<int> bits = Vector.AsVectorInt32(values);
        Vector<int> capped = Vector.Min(bits & new Vector<int>(Magnitude), new Vector<int>(Largest));
        Vector<int> normal = (capped + new Vector<int>(0xFFF) + ((capped >>> 13) & Vector<int>.One)) & new Vector<int>(~0x1FFF);
        Vector<int> subnormal = Vector.AsVectorInt32(Vector.AsVectorSingle(capped) + new Vector<float>(Half) - new Vector<float>(Half));
        Vector<int> rounded = Vector.ConditionalSelect(Vector.LessThan(capped, new Vector<int>(SmallestNormal)), subnormal, normal);
        return Vector.AsVectorSingle(rounded | (bits & new Vector<int>(~Magnitude)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Encode(Vector<float> values)
    {
        Vector<int> bits = Vector.AsVectorInt32(values);
        Vector<int> magnitude = bits & new Vector<int>(Magnitude);
        Vector<int> capped = Vector.Min(magnitude, new Vector<int>(Largest));
        Vector<int> normal = (capped + new Vector<int>(Rebias) + ((capped >>> 13) & Vector<int>.One)) >>> 13;
        Vector<int> subnormal = Vector.AsVectorInt32(Vector.AsVectorSingle(capped) + new Vector<float>(Half)) - new Vector<int>(HalfBits);
        Vector<int> finite = Vector.ConditionalSelect(Vector.LessThan(capped, new Vector<int>(SmallestNormal)), subnormal, normal);
        Vector<int> special = new Vector<int>(Infinity16) | (Vector.GreaterThan(magnitude, new Vector<int>(Infinity)) & new Vector<int>(Quiet16));
        Vector<int> value = Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<int>(Infinity)), finite, special);
        return Vector.AsVectorUInt32(value | ((bits >>> 16) & new Vector<int>(0x8000)));
    }

    private static ushort Encode(float single)
    {
        int bits = BitConverter.SingleToInt32Bits(single);
        int magnitude = bits & Magnitude;
        int capped = Math.Min(magnitude, Largest);
        int value = magnitude >= Infinity ? Infinity16 | (magnitude > Infinity ? Quiet16 : 0)
            : capped < SmallestNormal ? BitConverter.SingleToInt32Bits(BitConverter.Int32BitsToSingle(capped) + Half) - HalfBits
            : (capped + Rebias + ((capped >>> 13) & 1)) >>> 13;
        return (ushort)(value | ((bits >>> 16) & 0x8000));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Decode(Vector<uint> encoded)
    {
        Vector<int> bits = Vector.AsVectorInt32(encoded);
        Vector<int> shifted = (bits & new Vector<int>(0x7FFF)) << 13;
        Vector<int> normal = shifted + new Vector<int>(Bias);
        Vector<int> subnormal = Vector.AsVectorInt32(
            Vector.AsVectorSingle(shifted + new Vector<int>(SubnormalBias)) - Vector.AsVectorSingle(new Vector<int>(SubnormalBias)));
        Vector<int> finite = Vector.ConditionalSelect(Vector.LessThan(shifted, new Vector<int>(SmallestNormal16Shifted)), subnormal, normal);
        Vector<int> value = Vector.ConditionalSelect(Vector.LessThan(shifted, new Vector<int>(Infinity16Shifted)), finite, shifted + new Vector<int>(2 * Bias));
        return Vector.AsVectorSingle(value | ((bits & new Vector<int>(0x8000)) << 16));
    }

    private static float Decode(ushort encoded)
    {
        int shifted = (encoded & 0x7FFF) << 13;
        int value = shifted >= Infinity16Shifted ? shifted + 2 * Bias
            : shifted >= SmallestNormal16Shifted ? shifted + Bias
            : BitConverter.SingleToInt32Bits(BitConverter.Int32BitsToSingle(shifted + SubnormalBias) - BitConverter.Int32BitsToSingle(SubnormalBias));
        return BitConverter.Int32BitsToSingle(value | ((encoded & 0x8000) << 16));
    }
}
