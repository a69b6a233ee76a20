using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using System.Text.Unicode;
using Dpwa.Codecs;
using Dpwa.Protocol;

namespace Dpwa;

/// <summary>
/// The ordered tensors of a model. It fixes the model: its fingerprint travels with every message, and two workers exchange only
/// when their fingerprints agree. In a payload, tensor <c>i</c> starts at <see cref="Offset"/>, a multiple of <see cref="Alignment"/>;
/// the bytes between tensors are zero.
/// </summary>
public sealed class ParameterLayout : IEquatable<ParameterLayout>
{
    /// <summary>Each tensor starts at a multiple of this many bytes, so that every element is aligned for vector loads and no
    /// element straddles two payload segments.</summary>
    public const int Alignment = 64;

    /// <summary>The longest tensor in bytes; a longer one is given as several (see <c>docs/protocol.md</c>).</summary>
    public const long MaxTensorBytes = 1L << 30;

    private readonly long[] _offsets;

    /// <summary>A layout of these tensors, in this order.</summary>
    /// <exception cref="ArgumentException">No tensor, two of one name, a dimension below 1, or a tensor longer than <see cref="MaxTensorBytes"/>.</exception>
    public ParameterLayout(IEnumerable<TensorInfo> tensors)
    {
        Tensors = [.. tensors];
        if (Tensors.IsEmpty)
            throw new ArgumentException("A layout needs at least one tensor.", nameof(tensors));
        var names = new HashSet<string>(StringComparer.Ordinal);
        _offsets = new long[Tensors.Length];
        long offset = 0;
        for (int i = 0; i < Tensors.Length; i++)
        {
            TensorInfo tensor = Tensors[i];
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"Two tensors are named '{tensor.Name}'.", nameof(tensors));
            if (tensor.Shape.Any(d => d < 1))
                throw new ArgumentException($"Tensor {tensor} has an empty dimension.", nameof(tensors));
            if (tensor.ByteLength > MaxTensorBytes)
                throw new ArgumentException($"Tensor {tensor} has more than {MaxTensorBytes} bytes; give it as several.", nameof(tensors));
            _offsets[i] = offset;
            offset = checked(offset + Aligned(tensor.ByteLength));
        }

        PayloadLength = offset;
        Elements = Tensors.Sum(t => t.Elements);
        byte[] encoded = Encode();
        EncodedLength = encoded.Length;
        Fingerprint = XxHash3.HashToUInt64(encoded);
    }

    /// <summary>The tensors in order.</summary>
    public ImmutableArray<TensorInfo> Tensors { get; }

    /// <summary>Bytes of a payload of this layout, padding included.</summary>
    public long PayloadLength { get; }

    /// <summary>The number of elements of all tensors.</summary>
    public long Elements { get; }

    /// <summary>XXH3-64 of <see cref="Encode"/>.</summary>
    public ulong Fingerprint { get; }

    /// <summary>Bytes of <see cref="Encode"/>.</summary>
    internal int EncodedLength { get; }

    /// <summary>What <see cref="EncodedLayout.Of"/> has made, one for each codec.</summary>
    internal EncodedLayout?[] Encodings { get; } = new EncodedLayout?[(int)PayloadCodec.Int8 + 1];

    /// <summary>A flat vector of <paramref name="length"/> float32 parameters, the layout of <c>UpdateSend(ReadOnlySpan&lt;float&gt;, loss)</c>.
    /// Vectors beyond <see cref="MaxTensorBytes"/> become several tensors.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is below 1.</exception>
    public static ParameterLayout Flat(long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return new(Split(new TensorInfo("parameters", [length], ElementType.Float32, TensorKind.Parameter)));
    }

    /// <summary>The tensor itself, or, beyond <see cref="MaxTensorBytes"/>, its consecutive flat pieces, named <c>name[0]</c>, <c>name[1]</c> and so on.</summary>
    public static IEnumerable<TensorInfo> Split(TensorInfo tensor)
    {
        long pieceElements = MaxTensorBytes / tensor.Type.Size();
        if (tensor.Elements <= pieceElements)
        {
            yield return tensor;
            yield break;
        }

        for (long start = 0, piece = 0; start < tensor.Elements; start += pieceElements, piece++)
            yield return tensor with { Name = $"{tensor.Name}[{piece}]", Shape = [Math.Min(pieceElements, tensor.Elements - start)] };
    }

    /// <summary>Where tensor <paramref name="index"/> starts in a payload.</summary>
    public long Offset(int index) => _offsets[index];

    /// <summary>
    /// The layout's canonical bytes: u32 count, then for each tensor u8 element type, u8 kind, u16 rank, rank × i64 dimensions,
    /// u16 length of the name and the name in UTF-8; everything little-endian.
    /// </summary>
    public byte[] Encode()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write((uint)Tensors.Length);
        foreach (TensorInfo tensor in Tensors)
        {
            writer.Write((byte)tensor.Type);
            writer.Write((byte)tensor.Kind);
            writer.Write(checked((ushort)tensor.Shape.Length));
            foreach (long dimension in tensor.Shape)
                writer.Write(dimension);
            byte[] name = Encoding.UTF8.GetBytes(tensor.Name);
            writer.Write(checked((ushort)name.Length));
            writer.Write(name);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote. The bytes are untrusted: anything odd gives <see langword="false"/>.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out ParameterLayout? layout)
    {
        layout = null;
        if (bytes.Length < 4)
            return false;
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        bytes = bytes[4..];
        const int smallest = 6;
        if (count == 0 || count > bytes.Length / smallest)
            return false;
        var tensors = new List<TensorInfo>((int)count);
        for (uint i = 0; i < count; i++)
        {
            if (bytes.Length < 4)
                return false;
            var type = (ElementType)bytes[0];
            var kind = (TensorKind)bytes[1];
            int rank = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
            bytes = bytes[4..];
            if (!Enum.IsDefined(type) || !Enum.IsDefined(kind) || bytes.Length < rank * 8 + 2)
                return false;
            var shape = new long[rank];
            for (int d = 0; d < rank; d++)
                shape[d] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(d * 8)..]);
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(rank * 8)..]);
            bytes = bytes[(rank * 8 + 2)..];
            if (bytes.Length < nameLength)
                return false;
            if (!Utf8.IsValid(bytes[..nameLength]))
                return false;
            tensors.Add(new TensorInfo(Encoding.UTF8.GetString(bytes[..nameLength]), [.. shape], type, kind));
            bytes = bytes[nameLength..];
        }

        try
        {
            layout = bytes.IsEmpty ? new ParameterLayout(tensors) : null;
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            return false;
        }

        return layout is not null;
    }

    /// <summary>Says in words where <paramref name="theirs"/> first differs from this layout, or nothing when they agree.</summary>
    public string? FirstDifference(ParameterLayout theirs)
    {
        ArgumentNullException.ThrowIfNull(theirs);
        for (int i = 0; i < Math.Min(Tensors.Length, theirs.Tensors.Length); i++)
        {
            if (!Tensors[i].Equals(theirs.Tensors[i]))
                return $"tensor {i} is {Tensors[i]} here and {theirs.Tensors[i]} there";
        }

        return Tensors.Length == theirs.Tensors.Length
            ? null
            : $"there are {Tensors.Length} tensors here and {theirs.Tensors.Length} there";
    }

    /// <inheritdoc/>
    public bool Equals(ParameterLayout? other) => other is not null && Fingerprint == other.Fingerprint && Tensors.SequenceEqual(other.Tensors);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ParameterLayout);

    /// <inheritdoc/>
    public override int GetHashCode() => Fingerprint.GetHashCode();

    /// <summary>Rounds up to a multiple of <see cref="Alignment"/>.</summary>
    internal static long Aligned(long length) => checked(length + (Alignment - 1)) & -Alignment;
}
