using Dpwa.Codecs;
using Dpwa.Fuzz.Engine;
using Dpwa.Protocol;

namespace Dpwa.Fuzz.Targets.Frames;

/// <summary>The body of a layout message. Promises: it is refused, or a layout that is written back byte for byte, whose tensors lie in order in every codec.</summary>
internal sealed class LayoutTarget : FuzzTarget
{
    public override string Name => "layouts";

    public override IReadOnlyList<byte[]> Words { get; } = [[1, 1, 0, 0], [1, 2, 1, 0], [255, 255, 255, 255, 255, 255, 255, 127], [0, 0, 0, 64, 0, 0, 0, 0]];

    public override IEnumerable<byte[]> Seeds()
    {
        yield return FrameBytes.Layout.Encode();
        yield return ParameterLayout.Flat(5).Encode();
        yield return ParameterLayout.Flat((1L << 28) + 1).Encode();
    }

    /// <summary>The number of tensors is mostly one that is there.</summary>
    public override byte[] Repair(byte[] input, Random random)
    {
        if (input.Length >= 4 && input[0] > 8)
            (input[0], input[1], input[2], input[3]) = ((byte)(1 + random.Next(4)), 0, 0, 0);
        return input;
    }

    public override bool Check(byte[] input)
    {
        bool isLayout = ParameterLayout.TryDecode(input, out ParameterLayout? layout);
        Require(isLayout == layout is not null, "what is said and what is given differ");
        if (layout is null)
            return false;
        Require(layout.Encode().AsSpan().SequenceEqual(input), "a layout is not written as it was read");
        foreach (PayloadCodec codec in Enum.GetValues<PayloadCodec>())
            InOrder(EncodedLayout.Of(layout, codec));
        Require(EncodedLayout.Of(layout, PayloadCodec.Native).Length == layout.PayloadLength, "a payload in no codec has another length");
        Require(layout.FirstDifference(FrameBytes.Layout) is null == layout.Equals(FrameBytes.Layout), "layouts differ that are equal, or the other way round");
        return true;
    }

    private static void InOrder(EncodedLayout encoded)
    {
        long end = 0;
        for (int i = 0; i < encoded.Layout.Tensors.Length; i++)
        {
            Require(encoded.Offset(i) >= end && encoded.ByteLength(i) > 0 && encoded.Offset(i) % ParameterLayout.Alignment == 0, "tensors overlap, or are not aligned");
            end = encoded.Offset(i) + encoded.ByteLength(i);
        }

        Require(encoded.Length >= end && encoded.Length - end < ParameterLayout.Alignment, "a payload is not as long as its tensors");
    }
}
