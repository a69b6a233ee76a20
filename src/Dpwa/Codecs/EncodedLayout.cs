using Dpwa.Protocol;

namespace Dpwa.Codecs;

/// <summary>
/// Where the tensors of a layout are in an encoded payload: in order, each at a multiple of <see cref="ParameterLayout.Alignment"/>, zeros between. Only
/// float32 parameters are encoded: a running variance as int8 could become 0, and what has 16 bits gains nothing.
/// </summary>
public sealed class EncodedLayout
{
    private readonly long[] _offsets;
    private readonly long[] _lengths;

    private EncodedLayout(ParameterLayout layout, PayloadCodec codec)
    {
        (Layout, Codec) = (layout, codec);
        _offsets = new long[layout.Tensors.Length];
        _lengths = new long[layout.Tensors.Length];
        for (int i = 0; i < _offsets.Length; i++)
        {
            TensorInfo tensor = layout.Tensors[i];
            _offsets[i] = Length;
            _lengths[i] = CodecOf(i) == PayloadCodec.Native ? tensor.ByteLength : PayloadCodecs.EncodedLength(codec, tensor.Elements);
            Length += ParameterLayout.Aligned(_lengths[i]);
        }
    }

    /// <summary>The model.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>How its float32 parameters are encoded.</summary>
    public PayloadCodec Codec { get; }

    /// <summary>Bytes of a payload, padding included. For <see cref="PayloadCodec.Native"/> it is <see cref="ParameterLayout.PayloadLength"/>.</summary>
    public long Length { get; }

    /// <summary>A model's layout in this codec; made once and kept with the model's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The codec is not known.</exception>
    public static EncodedLayout Of(ParameterLayout layout, PayloadCodec codec)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!PayloadCodecs.IsKnown(codec))
            throw new ArgumentOutOfRangeException(nameof(codec), codec, "not a codec of this library");

        // Should two threads make it at the same time, either will do.
        return layout.Encodings[(int)codec] ??= new EncodedLayout(layout, codec);
    }

    /// <summary>How tensor <paramref name="index"/> travels.</summary>
    public PayloadCodec CodecOf(int index) =>
        Layout.Tensors[index] is { Type: ElementType.Float32, Kind: TensorKind.Parameter } ? Codec : PayloadCodec.Native;

    /// <summary>Where tensor <paramref name="index"/> starts.</summary>
    public long Offset(int index) => _offsets[index];

    /// <summary>Bytes of tensor <paramref name="index"/>, padding not counted.</summary>
    public long ByteLength(int index) => _lengths[index];
}
