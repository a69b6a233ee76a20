using System.Buffers.Binary;
using System.Text;
using Dpwa.Checkpoints;

namespace Dpwa.Tests.Checkpoints;

/// <summary>What is written is what the format's specification says, and comes back; what anybody has touched is refused by name.</summary>
public sealed class FormatTests : IDisposable
{
    private const string Ours = """ "__metadata__":{"dpwa.checkpoint":"1"} """;
    private readonly Scratch _scratch = new();

    public static TheoryData<StoredType> Types => [.. Enum.GetValues<StoredType>()];

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_element_type_comes_back_bit_for_bit(StoredType type)
    {
        StoredTensor[] tensors = [new("scalar", type, []), new("none", type, [3, 0]), new("matrix ü \"q\"", type, [3, 5])];
        var random = new Random((int)type);
        Dictionary<string, byte[]> values = tensors.ToDictionary(t => t.Name, t =>
        {
            byte[] bytes = new byte[t.ByteLength];
            random.NextBytes(bytes);
            return bytes;
        });
        Save(tensors, values, new() { ["note"] = "é\n\u0001" });

        using var reader = new CheckpointReader(_scratch.Path);
        Assert.Equal(tensors, reader.Tensors);
        Assert.Equal("é\n\u0001", reader.Facts["note"]);
        foreach (StoredTensor tensor in tensors)
        {
            byte[] back = new byte[tensor.ByteLength];
            reader.Read(tensor.Name, back);
            Assert.Equal(values[tensor.Name], back);
        }

        byte[] last = new byte[type.Size()];
        reader.Read(tensors[2].Name, last, tensors[2].ByteLength - last.Length);
        Assert.Equal(values[tensors[2].Name][^last.Length..], last);
        Assert.Throws<ArgumentException>(() => reader.Read(tensors[2].Name, last, tensors[2].ByteLength));
    }

    [Fact]
    public void The_file_is_as_the_specification_of_safetensors_says_and_its_elements_are_aligned()
    {
        StoredTensor[] tensors = [new("bytes", StoredType.U8, [3]), new("halves", StoredType.BF16, [3]), new("doubles", StoredType.F64, [1])];
        Save(tensors, tensors.ToDictionary(t => t.Name, t => new byte[t.ByteLength]), []);

        byte[] file = File.ReadAllBytes(_scratch.Path);
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.Equal(0, (8 + length) % 8);
        Assert.Equal(
            """{"__metadata__":{"dpwa.checkpoint":"1"},"doubles":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"""
            + """ "halves":{"dtype":"BF16","shape":[3],"data_offsets":[8,14]},"bytes":{"dtype":"U8","shape":[3],"data_offsets":[14,17]},""".TrimStart()
            + """ "dpwa.sha256":{"dtype":"U8","shape":[32],"data_offsets":[17,49]}}""".TrimStart(),
            Encoding.UTF8.GetString(file, 8, length).TrimEnd(' '));
        Assert.Equal(8 + length + 49, file.Length);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(file.AsSpan(..^32)), file[^32..]);
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        byte[] whole = Small();
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_scratch.Path, whole.AsSpan(0, length));
            _scratch.Refusal();
        }

        File.WriteAllBytes(_scratch.Path, [.. whole, 0]);
        Assert.Contains("too long", _scratch.Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_any_bit_flipped_is_refused()
    {
        byte[] whole = Small();
        for (int at = 0; at < whole.Length; at++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. whole];
                damaged[at] ^= (byte)(1 << bit);
                File.WriteAllBytes(_scratch.Path, damaged);
                _scratch.Refusal();
            }
        }
    }

    [Theory]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4],"data_offsets":[0,5]},#}""", "do not fill")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]},#}""", "do not fill")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]},#}""", "begins at 1")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},#}""", "begins at 4 and the one before ends at 3")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]},#}""", "begins at 2")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},#}""", "two entries named 'a'")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"__metadata__":{},#}""", "two entries named '__metadata__'")]
    [InlineData("""{"__metadata__":{"dpwa.checkpoint":"1","dpwa.checkpoint":"1"},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},#}""", "two entries named 'dpwa.checkpoint'")]
    [InlineData("""{"__metadata__":{"dpwa.checkpoint":2},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},#}""", "not JSON as it should be")]
    [InlineData("""{%,"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]},#}""", "element type 'F8_E4M3'")]
    [InlineData("""{%,"a":{"dtype":"1","shape":[4],"data_offsets":[0,4]},#}""", "element type '1'")]
    [InlineData("""{%,"a":{"dtype":"F64","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,4]},#}""", "larger than any file")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,4]},#}""", "cannot be a dimension")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]},#}""", "cannot be a dimension")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]},#}""", "cannot be a dimension")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":["4"],"data_offsets":[0,4]},#}""", "something else among its numbers")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,4]},#}""", "lacks")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4]},#}""", "lacks")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4],"shape":[4],"data_offsets":[0,4]},#}""", "field 'shape'")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"code":"x"},#}""", "field 'code'")]
    [InlineData("""{%,"a":[],#}""", "a StartArray is where")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},#} {}""", "not JSON as it should be")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},#""", "not JSON as it should be")]
    [InlineData("""{%,"\ud800":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},#}""", "not Unicode")]
    [InlineData("{%,\"\u00ff\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},#}", "not JSON as it should be")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},#}""", "not saved by this library")]
    [InlineData("""{"__metadata__":{"dpwa.checkpoint":"2"},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},#}""", "version 2")]
    [InlineData("""{%,"a":{"dtype":"U8","shape":[36],"data_offsets":[0,36]}}""", "checksum")]
    public void A_header_that_lies_is_refused_although_the_checksum_is_right(string json, string why)
    {
        _scratch.Forge(json.Replace("%", Ours, StringComparison.Ordinal).Replace("#", """ "dpwa.sha256":{"dtype":"U8","shape":[32],"data_offsets":[4,36]} """, StringComparison.Ordinal), new byte[4]);
        Assert.Contains(why, _scratch.Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_of_the_same_form_that_tells_the_truth_is_accepted()
    {
        _scratch.Forge("{" + Ours + """,   "dpwa.sha256":{"shape":[32],"data_offsets":[4,36],"dtype":"U8"},"a":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]}}  """, [1, 2, 3, 4]);
        using var reader = new CheckpointReader(_scratch.Path);
        Assert.Equal(new("a", StoredType.U8, [2, 2]), Assert.Single(reader.Tensors));
        byte[] values = new byte[4];
        reader.Read("a", values);
        Assert.Equal([1, 2, 3, 4], values);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(100_000_001UL)]
    [InlineData(50_000_000UL)]
    public void The_length_of_a_header_is_checked_before_memory_is_taken(ulong length)
    {
        byte[] file = Small();
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        File.WriteAllBytes(_scratch.Path, file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _scratch.Refusal();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void What_is_not_there_or_is_a_folder_is_named()
    {
        Assert.Contains("There is no checkpoint", _scratch.Refusal(), StringComparison.Ordinal);
        var error = Assert.Throws<DpwaCheckpointException>(() => new CheckpointReader(_scratch.Folder));
        Assert.Contains(_scratch.Folder, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_can_be_used_once()
    {
        StoredTensor a = new("a", StoredType.U8, [1]);
        foreach (StoredTensor other in new[] { a, new("__metadata__", StoredType.U8, [1]), new("dpwa.sha256", StoredType.U8, [1]) })
            Assert.Contains($"'{other.Name}'", Assert.Throws<ArgumentException>(() => new CheckpointWriter(_scratch.Path, [a, other], Scratch.NoFacts)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_scratch.Folder));
    }

    [Fact]
    public void What_could_not_be_read_back_is_not_written()
    {
        byte[] before = Small();
        foreach (string text in new[] { null!, "\ud800" })
            Assert.Contains("could not be read back", Assert.Throws<ArgumentException>(() => Save([], [], new() { ["note"] = text })).Message, StringComparison.Ordinal);
        foreach (StoredTensor tensor in new StoredTensor[] { new("a", StoredType.U8, [-1]), new("a", StoredType.U8, [.. Enumerable.Repeat(1L, 65)]), new("\ud800", StoredType.U8, [1]) })
            Assert.Contains("could not be read back", Assert.Throws<ArgumentException>(() => Save([tensor], new() { [tensor.Name] = [0] }, [])).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_scratch.Path));
        Assert.Equal([_scratch.Path], Directory.GetFiles(_scratch.Folder));
    }

    [Fact]
    public void Tensors_without_elements_stay_in_their_order()
    {
        StoredTensor[] tensors = [.. Enumerable.Range(0, 100).Select(i => new StoredTensor($"{i}", StoredType.U8, [0]))];
        Save(tensors, tensors.ToDictionary(t => t.Name, _ => Array.Empty<byte>()), []);
        using var reader = new CheckpointReader(_scratch.Path);
        Assert.Equal(tensors, reader.Tensors);
    }

    private byte[] Small()
    {
        StoredTensor[] tensors = [new("a", StoredType.F32, [2]), new("b", StoredType.I64, [])];
        Save(tensors, tensors.ToDictionary(t => t.Name, t => Enumerable.Range(1, (int)t.ByteLength).Select(i => (byte)i).ToArray()), new() { ["epoch"] = "7" });
        return File.ReadAllBytes(_scratch.Path);
    }

    private void Save(StoredTensor[] tensors, Dictionary<string, byte[]> values, Dictionary<string, string> facts)
    {
        using var writer = new CheckpointWriter(_scratch.Path, tensors, facts);
        foreach (StoredTensor tensor in writer.Tensors)
            writer.Write(values[tensor.Name]);
        writer.Commit();
    }
}
