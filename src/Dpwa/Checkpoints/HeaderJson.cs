using System.Text.Json;

namespace Dpwa.Checkpoints;

/// <summary>Reads the JSON of a header strictly: nothing twice, nothing missing, nothing unknown, and every number within the file that it speaks of.</summary>
internal static class HeaderJson
{
    /// <summary>More dimensions than any library's tensors have.</summary>
    private const int MaxRank = 64;

    /// <summary>The tensors with where each begins, and the texts.</summary>
    /// <exception cref="JsonException">It is not JSON, or not of this form.</exception>
    /// <exception cref="FormatException">A tensor is not what it says of itself.</exception>
    public static (List<(StoredTensor Tensor, long Begin)> Tensors, Dictionary<string, string> Facts) Read(ReadOnlySpan<byte> bytes, string metadata)
    {
        var json = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 4 });
        var tensors = new List<(StoredTensor, long)>();
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        Expect(ref json, JsonTokenType.StartObject);
        while (Next(ref json) == JsonTokenType.PropertyName)
        {
            string name = Text(ref json);
            if (!names.Add(name))
                throw new FormatException($"has a header with two entries named '{name}'");
            Expect(ref json, JsonTokenType.StartObject);
            if (name == metadata)
                ReadFacts(ref json, facts);
            else
                tensors.Add(ReadTensor(ref json, name));
        }

        // What follows may be spaces only, and the reader sees to that.
        if (json.Read())
            throw new JsonException("something follows the object");
        return (tensors, facts);
    }

    private static void ReadFacts(ref Utf8JsonReader json, Dictionary<string, string> facts)
    {
        while (Next(ref json) == JsonTokenType.PropertyName)
        {
            string key = Text(ref json);
            Expect(ref json, JsonTokenType.String);
            if (!facts.TryAdd(key, Text(ref json)))
                throw new FormatException($"has metadata with two entries named '{key}'");
        }
    }

    private static (StoredTensor Tensor, long Begin) ReadTensor(ref Utf8JsonReader json, string name)
    {
        StoredType? type = null;
        List<long>? shape = null, offsets = null;
        while (Next(ref json) == JsonTokenType.PropertyName)
        {
            string field = Text(ref json);
            if (field == "dtype" && type is null)
                type = ReadType(ref json, name);
            else if (field == "shape" && shape is null)
                shape = ReadNumbers(ref json, name);
            else if (field == "data_offsets" && offsets is null)
                offsets = ReadNumbers(ref json, name);
            else
                throw new FormatException($"has a header in which tensor '{name}' has a field '{field}' that is unknown or there twice");
        }

        if (type is not { } known || shape is null || offsets is not [long begin, long end])
            throw new FormatException($"has a header in which tensor '{name}' lacks its dtype, its shape or its two data_offsets");
        var tensor = new StoredTensor(name, known, [.. shape]);
        if (end < begin || end - begin != Length(tensor))
            throw new FormatException($"has a header in which tensor {tensor} has the bytes {begin} to {end}, which its elements do not fill");
        return (tensor, begin);
    }

    private static long Length(StoredTensor tensor)
    {
        try
        {
            return tensor.ByteLength;
        }
        catch (OverflowException e)
        {
            throw new FormatException($"has a header in which tensor {tensor} is larger than any file", e);
        }
    }

    private static StoredType ReadType(ref Utf8JsonReader json, string name)
    {
        Expect(ref json, JsonTokenType.String);
        string text = Text(ref json);

        // By name only: Enum.TryParse would also take a number.
        int index = Array.IndexOf(Enum.GetNames<StoredType>(), text);
        return index >= 0 ? Enum.GetValues<StoredType>()[index] : throw new FormatException($"has a tensor '{name}' of the element type '{text}', which this library does not know");
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader json, string name)
    {
        var numbers = new List<long>();
        Expect(ref json, JsonTokenType.StartArray);
        while (Next(ref json) == JsonTokenType.Number)
        {
            if (!json.TryGetInt64(out long number) || number < 0 || numbers.Count == MaxRank)
                throw new FormatException($"has a header in which tensor '{name}' has a number that cannot be a dimension or an offset, or too many of them");
            numbers.Add(number);
        }

        return json.TokenType == JsonTokenType.EndArray ? numbers : throw new JsonException($"tensor '{name}' has something else among its numbers");
    }

    private static string Text(ref Utf8JsonReader json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a text is not Unicode", e);
        }
    }

    private static JsonTokenType Next(ref Utf8JsonReader json) => json.Read() ? json.TokenType : throw new JsonException("it ends too early");

    private static void Expect(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (Next(ref json) != type)
            throw new JsonException($"a {json.TokenType} is where a {type} should be");
    }
}
