using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dpwa.Codecs;

/// <summary>
/// float32 to blocks of int8 and back. A block is a float32 scale, the largest magnitude / 127, and its values / scale, rounded to nearest, ties to even. A
/// block whose scale would be subnormal is all zeros. No value is written as −128.
/// </summary>
internal static class Int8Codec
{
    public const int BlockElements = 128;
    public const int BlockLength = ScaleLength + BlockElements;

    private const int ScaleLength = sizeof(float);
    private const int Magnitude = 0x7FFF_FFFF;
    private const int LargestFinite = 0x7F7F_FFFF;

    /// <summary>The largest scale s for which 127·s is finite.</summary>
    private const int LargestScale = 0x7C01_0203;

    /// <summary>The largest scale s for which 128·s is finite.</summary>
    private const int LargestHarmlessScale = 0x7BFF_FFFF;
    private const int SmallestNormal = 0x0080_0000;

    /// <summary>1.5·2^23: added to a value between −2^22 and 2^22 it rounds that to an integer, which is then in the low bits.</summary>
    private const float Rounder = 12_582_912;

    public static long EncodedLength(long elements) =>
        elements / BlockElements * BlockLength + (elements % BlockElements is var left and not 0 ? ScaleLength + left : 0);

    /// <summary>The number of values in so many bytes of whole blocks, the last of which may be short.</summary>
    public static long Elements(long encodedLength) =>
        encodedLength / BlockLength * BlockElements + Math.Max(0, encodedLength % BlockLength - ScaleLength);

    public static void Encode(ReadOnlySpan<float> values, Span<byte> destination)
    {
        for (; values.Length >= BlockElements; values = values[BlockElements..], destination = destination[BlockLength..])
            EncodeBlock(values[..BlockElements], destination[..BlockLength]);
        if (!values.IsEmpty)
            EncodeBlock(values, destination);
    }

    public static void Decode(ReadOnlySpan<byte> encoded, Span<float> values)
    {
        for (; values.Length >= BlockElements; values = values[BlockElements..], encoded = encoded[BlockLength..])
            DecodeBlock(encoded[..BlockLength], values[..BlockElements]);
        if (values.IsEmpty)
            return;
        float scale = MemoryMarshal.Read<float>(encoded);
        encoded = encoded[ScaleLength..];
        for (int i = 0; i < values.Length; i++)
            values[i] = (sbyte)encoded[i] * scale;
    }

    public static bool IsFinite(ReadOnlySpan<byte> encoded)
    {
        for (; encoded.Length > ScaleLength; encoded = encoded[Math.Min(BlockLength, encoded.Length)..])
        {
            // As an unsigned number: a sign, an infinity and a NaN are larger than any scale.
            uint scale = MemoryMarshal.Read<uint>(encoded);
            if (scale > LargestScale)
                return false;
            if (scale > LargestHarmlessScale && encoded[ScaleLength..Math.Min(BlockLength, encoded.Length)].Contains(unchecked((byte)sbyte.MinValue)))
                return false;
        }

        return encoded.IsEmpty;
    }

    /// <summary>Rounds finite values to what <see cref="Decode"/> would give of them.</summary>
    public static void RoundTrip(ReadOnlySpan<float> values, Span<float> result)
    {
        for (; !values.IsEmpty; values = values[Math.Min(BlockElements, values.Length)..], result = result[Math.Min(BlockElements, result.Length)..])
        {
            ReadOnlySpan<float> block = values[..Math.Min(BlockElements, values.Length)];
            (float scale, float inverse) = Scale(Largest(block));
            int i = 0;
            for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> rounded = new Vector<float>(block[i..]) * new Vector<float>(inverse) + new Vector<float>(Rounder) - new Vector<float>(Rounder);
                (rounded * new Vector<float>(scale)).CopyTo(result[i..]);
            }

            for (; i < block.Length; i++)
                result[i] = (block[i] * inverse + Rounder - Rounder) * scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EncodeBlock(ReadOnlySpan<float> values, Span<byte> destination)
    {
        (float scale, float inverse) = Scale(Largest(values));
        MemoryMarshal.Write(destination, scale);
        ref float from = ref MemoryMarshal.GetReference(values);
        ref sbyte to = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, sbyte>(destination[ScaleLength..]));
        int i = 0;
        for (; i <= values.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Narrow(
                Vector.Narrow(Rounded(ref from, i, inverse), Rounded(ref from, i + Vector<float>.Count, inverse)),
                Vector.Narrow(Rounded(ref from, i + 2 * Vector<float>.Count, inverse), Rounded(ref from, i + 3 * Vector<float>.Count, inverse)))
                .StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < values.Length; i++)
            destination[ScaleLength + i] = unchecked((byte)BitConverter.SingleToInt32Bits(values[i] * inverse + Rounder));
    }

    /// <summary>The bits of the largest magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest(ReadOnlySpan<float> values)
    {
        Vector<int> largest = Vector<int>.Zero;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            largest = Vector.Max(largest, Vector.AsVectorInt32(new Vector<float>(values[i..])) & new Vector<int>(Magnitude));
        int magnitude = Largest(largest);
        for (; i < values.Length; i++)
            magnitude = Math.Max(magnitude, BitConverter.SingleToInt32Bits(values[i]) & Magnitude);
        return magnitude;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest(Vector<int> values)
    {
        Vector128<int> four = Vector<int>.Count switch
        {
            4 => values.AsVector128(),
            8 => Halved(values.AsVector256()),
            _ => Halved(Halved(values.AsVector512())),
        };
        Vector128<int> two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Math.Max(two[0], two[1]);
    }

    private static Vector256<int> Halved(Vector512<int> values) => Vector256.Max(values.GetLower(), values.GetUpper());

    private static Vector128<int> Halved(Vector256<int> values) => Vector128.Max(values.GetLower(), values.GetUpper());

    private static (float Scale, float Inverse) Scale(int magnitude)
    {
        float scale = BitConverter.Int32BitsToSingle(Math.Min(magnitude, LargestFinite)) / 127;
        int bits = Math.Min(BitConverter.SingleToInt32Bits(scale), LargestScale);
        if (bits < SmallestNormal)
            return (0, 0);
        scale = BitConverter.Int32BitsToSingle(bits);
        return (scale, 1 / scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Rounded(ref float from, int index, float inverse) =>
        Vector.AsVectorInt32(Vector.LoadUnsafe(ref from, (nuint)index) * new Vector<float>(inverse) + new Vector<float>(Rounder));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeBlock(ReadOnlySpan<byte> encoded, Span<float> values)
    {
        var scale = new Vector<float>(MemoryMarshal.Read<float>(encoded));
        ref sbyte from = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, sbyte>(encoded[ScaleLength..]));
        ref float to = ref MemoryMarshal.GetReference(values);
        for (int i = 0; i < BlockElements; i += Vector<sbyte>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref from, (nuint)i), out Vector<short> low, out Vector<short> high);
            Vector.Widen(low, out Vector<int> first, out Vector<int> second);
            Vector.Widen(high, out Vector<int> third, out Vector<int> fourth);
            (Vector.ConvertToSingle(first) * scale).StoreUnsafe(ref to, (nuint)i);
            (Vector.ConvertToSingle(second) * scale).StoreUnsafe(ref to, (nuint)(i + Vector<float>.Count));
            (Vector.ConvertToSingle(third) * scale).StoreUnsafe(ref to, (nuint)(i + 2 * Vector<float>.Count));
            (Vector.ConvertToSingle(fourth) * scale).StoreUnsafe(ref to, (nuint)(i + 3 * Vector<float>.Count));
        }
    }
}
