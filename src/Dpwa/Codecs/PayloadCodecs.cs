using System.Runtime.InteropServices;
using Dpwa.Protocol;

namespace Dpwa.Codecs;

/// <summary>
/// float32 values as <see cref="PayloadCodec"/>s write them, for one tensor; <c>docs/protocol.md</c> is the specification. Pure functions on spans: nothing is
/// allocated, and the same values always give the same bytes, on every processor.
/// </summary>
public static class PayloadCodecs
{
    /// <summary>Elements of one block of <see cref="PayloadCodec.Int8"/>: they share a scale.</summary>
    public const int BlockElements = Int8Codec.BlockElements;

    /// <summary>Whether this library knows the codec.</summary>
    public static bool IsKnown(PayloadCodec codec) => codec <= PayloadCodec.Int8;

    /// <summary>Bytes of <paramref name="elements"/> float32 values, padding not counted.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The codec is not known.</exception>
    public static long EncodedLength(PayloadCodec codec, long elements) => codec switch
    {
        PayloadCodec.Native => elements * sizeof(float),
        PayloadCodec.BFloat16 or PayloadCodec.Float16 => elements * sizeof(ushort),
        PayloadCodec.Int8 => Int8Codec.EncodedLength(elements),
        _ => throw Unknown(codec),
    };

    /// <summary>Encodes a tensor, or whole blocks from its start on.</summary>
    /// <param name="codec">How.</param>
    /// <param name="values">Finite values. Each stays finite: what the codec cannot reach becomes its largest.</param>
    /// <param name="destination">At least <see cref="EncodedLength"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The codec is not known.</exception>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void Encode(PayloadCodec codec, ReadOnlySpan<float> values, Span<byte> destination)
    {
        Require(destination.Length >= EncodedLength(codec, values.Length), nameof(destination));
        switch (codec)
        {
            case PayloadCodec.Native:
                MemoryMarshal.AsBytes(values).CopyTo(destination);
                break;
            case PayloadCodec.BFloat16:
                BFloat16Codec.Encode(values, MemoryMarshal.Cast<byte, ushort>(destination));
                break;
            case PayloadCodec.Float16:
                Float16Codec.Encode(values, MemoryMarshal.Cast<byte, ushort>(destination));
                break;
            case PayloadCodec.Int8:
                Int8Codec.Encode(values, destination);
                break;
        }
    }

    /// <summary>Decodes what <see cref="Encode"/> wrote.</summary>
    /// <param name="codec">How it was encoded.</param>
    /// <param name="encoded">At least <see cref="EncodedLength"/> bytes.</param>
    /// <param name="values">As many values as were encoded.</param>
    /// <exception cref="ArgumentOutOfRangeException">The codec is not known.</exception>
    /// <exception cref="ArgumentException">The bytes are too few.</exception>
    public static void Decode(PayloadCodec codec, ReadOnlySpan<byte> encoded, Span<float> values)
    {
        long length = EncodedLength(codec, values.Length);
        Require(encoded.Length >= length, nameof(encoded));
        encoded = encoded[..(int)length];
        switch (codec)
        {
            case PayloadCodec.Native:
                encoded.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case PayloadCodec.BFloat16:
                BFloat16Codec.Decode(MemoryMarshal.Cast<byte, ushort>(encoded), values);
                break;
            case PayloadCodec.Float16:
                Float16Codec.Decode(MemoryMarshal.Cast<byte, ushort>(encoded), values);
                break;
            case PayloadCodec.Int8:
                Int8Codec.Decode(encoded, values);
                break;
        }
    }

    /// <summary>Whether every value that <see cref="Decode"/> would give is finite, and what only a faulty sender writes is absent.</summary>
    /// <param name="codec">How it was encoded.</param>
    /// <param name="encoded">A tensor's bytes, or whole blocks of it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The codec is not known.</exception>
    public static bool IsFinite(PayloadCodec codec, ReadOnlySpan<byte> encoded) => codec switch
    {
        PayloadCodec.Native => FiniteBits.AreFinite<uint>(encoded, FiniteBits.Float32Exponent),
        PayloadCodec.BFloat16 => FiniteBits.AreFinite<ushort>(encoded, FiniteBits.BFloat16Exponent),
        PayloadCodec.Float16 => FiniteBits.AreFinite<ushort>(encoded, FiniteBits.Float16Exponent),
        PayloadCodec.Int8 => Int8Codec.IsFinite(encoded),
        _ => throw Unknown(codec),
    };

    /// <summary>The values that <see cref="Decode"/> gives of what <see cref="Encode"/> writes, bit for bit, without writing it.</summary>
    /// <param name="codec">The codec.</param>
    /// <param name="values">Finite values: whole blocks.</param>
    /// <param name="result">As many.</param>
    internal static void RoundTrip(PayloadCodec codec, ReadOnlySpan<float> values, Span<float> result)
    {
        switch (codec)
        {
            case PayloadCodec.Native:
                values.CopyTo(result);
                break;
            case PayloadCodec.BFloat16:
                BFloat16Codec.RoundTrip(values, result);
                break;
            case PayloadCodec.Float16:
                Float16Codec.RoundTrip(values, result);
                break;
            case PayloadCodec.Int8:
                Int8Codec.RoundTrip(values, result);
                break;
            default:
                throw Unknown(codec);
        }
    }

    /// <summary>Bytes that belong together: an element or, where they share a scale, a block.</summary>
    internal static int Unit(PayloadCodec codec) => codec switch
    {
        PayloadCodec.Native => sizeof(float),
        PayloadCodec.Int8 => Int8Codec.BlockLength,
        _ => sizeof(ushort),
    };

    /// <summary>The number of values in so many encoded bytes: whole units, of which only a tensor's last may be short.</summary>
    internal static long Elements(PayloadCodec codec, long encodedLength) =>
        codec == PayloadCodec.Int8 ? Int8Codec.Elements(encodedLength) : encodedLength / Unit(codec);

    private static void Require(bool condition, string parameter)
    {
        if (!condition)
            throw new ArgumentException("There are too few bytes for these values.", parameter);
    }

    private static ArgumentOutOfRangeException Unknown(PayloadCodec codec) => new(nameof(codec), codec, "not a codec of this library");
}
