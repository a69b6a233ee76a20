using System.Collections.Immutable;
using System.Text.Json;

namespace Dpwa.Checkpoints;

/// <summary>
/// The header of a checkpoint, which is a safetensors file: a u64 (little-endian), the length of the JSON that follows; the JSON, padded with spaces to a multiple of 8,
/// <c>{"__metadata__": {text: text}, name: {"dtype": text, "shape": [integers], "data_offsets": [begin, end]}}</c>; and the tensors' elements, without a gap, from
/// offset 0 behind the header to the end of the file. The last tensor is <see cref="Digest"/>.
/// </summary>
internal sealed class CheckpointHeader
{
    /// <summary>Bytes of the length in front of the JSON.</summary>
    public const int LengthBytes = sizeof(ulong);

    /// <summary>The longest JSON, in bytes: the limit of other readers of the format.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>The metadata that names the version of what we make of the format.</summary>
    public const string VersionKey = CheckpointPart.Reserved + "checkpoint";

    private const string Metadata = "__metadata__", Version = "1";
    private const int Alignment = 8;

    private CheckpointHeader(ImmutableArray<StoredTensor> tensors, IReadOnlyDictionary<string, string> facts) => (Tensors, Facts) = (tensors, facts);

    /// <summary>The SHA-256 of everything in front of it: the last 32 bytes of the file, so that it is written without going back and any tool can check it.</summary>
    public static StoredTensor Digest { get; } = new(CheckpointPart.Reserved + "sha256", StoredType.U8, [32]);

    /// <summary>The tensors in the order of the file, <see cref="Digest"/> the last.</summary>
    public ImmutableArray<StoredTensor> Tensors { get; }

    /// <summary>The texts of the file.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; }

    /// <summary>The larger elements first: so all are aligned, which some readers want that map the file.</summary>
    /// <exception cref="ArgumentException">Two tensors have one name, or a name cannot be used.</exception>
    public static CheckpointHeader Of(IEnumerable<StoredTensor> tensors, IReadOnlyDictionary<string, string> facts)
    {
        ImmutableArray<StoredTensor> ordered = [.. tensors.OrderByDescending(t => t.Type.Size()), Digest];
        var names = new HashSet<string>(StringComparer.Ordinal) { Metadata };
        foreach (StoredTensor tensor in ordered)
        {
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"A checkpoint cannot hold two tensors named '{tensor.Name}'.", nameof(tensors));
        }

        return new(ordered, new Dictionary<string, string>(facts, StringComparer.Ordinal) { [VersionKey] = Version });
    }

    /// <summary>The JSON, padded.</summary>
    public byte[] Encode()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject(Metadata);
            foreach ((string key, string text) in Facts.OrderBy(f => f.Key, StringComparer.Ordinal))
                json.WriteString(key, text);
            json.WriteEndObject();
            long offset = 0;
            foreach (StoredTensor tensor in Tensors)
                Write(json, tensor, ref offset);
            json.WriteEndObject();
        }

        while (stream.Length % Alignment != 0)
            stream.WriteByte((byte)' ');
        return stream.ToArray();
    }

    /// <summary>Reads the JSON. The bytes are untrusted.</summary>
    /// <param name="json">The JSON, padded.</param>
    /// <param name="dataLength">Bytes of the file behind it.</param>
    /// <exception cref="FormatException">Anything is odd; the message says what, as the end of a sentence about the file.</exception>
    public static CheckpointHeader Parse(ReadOnlySpan<byte> json, long dataLength)
    {
        try
        {
            (List<(StoredTensor Tensor, long Begin)> found, Dictionary<string, string> facts) = HeaderJson.Read(json, Metadata);

            // Stable: those without elements may share an offset, and stay as they are.
            List<(StoredTensor Tensor, long Begin)> tensors = [.. found.OrderBy(t => (t.Begin, t.Begin + t.Tensor.ByteLength))];
            CheckOffsets(tensors, dataLength);
            if (!facts.TryGetValue(VersionKey, out string? version))
                throw new FormatException("was not saved by this library");
            if (version != Version)
                throw new FormatException($"is of version {version} of the format, and this library reads version {Version}");
            if (tensors.Count == 0 || tensors[^1].Tensor != Digest)
                throw new FormatException($"does not end with its checksum, {Digest}");
            return new([.. tensors.Select(t => t.Tensor)], facts);
        }
        catch (JsonException e)
        {
            throw new FormatException($"has a header that is not JSON as it should be ({e.Message})", e);
        }
    }

    /// <summary>Sees to it that the elements cover the data once, without holes.</summary>
    private static void CheckOffsets(List<(StoredTensor Tensor, long Begin)> tensors, long dataLength)
    {
        long end = 0;
        foreach ((StoredTensor tensor, long begin) in tensors)
        {
            if (begin != end)
                throw new FormatException($"has a header in which tensor '{tensor.Name}' begins at {begin} and the one before ends at {end}");
            end += tensor.ByteLength;
        }

        if (end > dataLength)
            throw new FormatException($"is cut short: its tensors have {end} bytes, and {dataLength} are there");
        if (end < dataLength)
            throw new FormatException($"is too long: its tensors have {end} bytes, and {dataLength} are there");
    }

    private static void Write(Utf8JsonWriter json, StoredTensor tensor, ref long offset)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype"u8, tensor.Type.ToString());
        json.WriteStartArray("shape"u8);
        foreach (long dimension in tensor.Shape)
            json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets"u8);
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset = checked(offset + tensor.ByteLength));
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
