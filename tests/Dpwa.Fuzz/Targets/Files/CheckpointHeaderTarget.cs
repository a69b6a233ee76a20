using System.Buffers.Binary;
using Dpwa.Checkpoints;
using Dpwa.Fuzz.Engine;

namespace Dpwa.Fuzz.Targets.Files;

/// <summary>
/// The header of a checkpoint, after the number of bytes that are said to follow it. Promises: a <see cref="FormatException"/>, or tensors that cover exactly these bytes, and a
/// header that is written to what is read the same.
/// </summary>
internal sealed class CheckpointHeaderTarget : FuzzTarget
{
    private static readonly Dictionary<string, string> Facts = new(StringComparer.Ordinal) { ["dpwa.clock"] = "1.5", ["note"] = "\"ä\\" };

    public override string Name => "checkpoint-headers";

    public override IReadOnlyList<byte[]> Words { get; } = Texts(CheckpointBytes.Words);

    public override long MostAllocated(int length) => 256 * 1024 + 256L * length;

    public override IEnumerable<byte[]> Seeds()
    {
        StoredTensor[] tensors =
        [
            new("conv.weight", StoredType.F32, [2, 3]), new("steps", StoredType.I64, []), new("empty", StoredType.BF16, [0, 4]), new("mask", StoredType.BOOL, [3]),
        ];
        yield return Input(CheckpointHeader.Of(tensors, Facts));
        yield return Input(CheckpointHeader.Of([], new Dictionary<string, string>(StringComparer.Ordinal)));
    }

    public override bool Check(byte[] input)
    {
        if (input.Length < sizeof(long))
            return false;
        long length = BinaryPrimitives.ReadInt64LittleEndian(input) & long.MaxValue;
        CheckpointHeader header;
        try
        {
            header = CheckpointHeader.Parse(input.AsSpan(sizeof(long)), length);
        }
        catch (FormatException e)
        {
            // Who opens the file makes it fit to be shown.
            Require(!string.IsNullOrWhiteSpace(e.Message), "a refusal says nothing");
            return false;
        }

        Require(header.Tensors.Sum(t => t.ByteLength) == length, "the tensors do not cover the data");
        Require(header.Tensors[^1] == CheckpointHeader.Digest && header.Tensors.Select(t => t.Name).Distinct(StringComparer.Ordinal).Count() == header.Tensors.Length, "names are there twice, or the checksum is not the last");
        CheckpointHeader again = CheckpointHeader.Parse(header.Encode(), length);
        Require(again.Tensors.SequenceEqual(header.Tensors) && again.Facts.Count == header.Facts.Count && header.Facts.All(f => again.Facts[f.Key] == f.Value), "a header is not read as it was written");
        return true;
    }

    private static byte[] Input(CheckpointHeader header)
    {
        byte[] length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Tensors.Sum(t => t.ByteLength));
        return [.. length, .. header.Encode()];
    }
}
