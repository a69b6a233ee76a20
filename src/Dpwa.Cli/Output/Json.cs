using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Dpwa.Cli.Output;

/// <summary>Answers for programs: camelCase, enums as words.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly JsonSerializerOptions OneLine = new(Indented) { WriteIndented = false };

    private static readonly JsonSerializerOptions Measures = new(Indented) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The whole answer.</summary>
    public static void Print(object answer) => Console.Out.WriteLine(JsonSerializer.Serialize(answer, Indented));

    /// <summary>What was measured: snake_case, for names with units in them.</summary>
    public static void PrintMeasures(object measures) => Console.Out.WriteLine(JsonSerializer.Serialize(measures, Measures));

    /// <summary>One of a stream of answers.</summary>
    public static void PrintLine(object answer) => Console.Out.WriteLine(JsonSerializer.Serialize(answer, OneLine));

    /// <summary>One line of a log: when, how grave, what, and what there is to say of it.</summary>
    public static void PrintEvent(DateTimeOffset time, string level, string name, object details)
    {
        var line = new JsonObject { ["time"] = time.UtcDateTime, ["level"] = level, ["event"] = name };
        foreach (var (key, value) in JsonSerializer.SerializeToNode(details, OneLine)!.AsObject()) line[key] = value?.DeepClone();
        Console.Out.WriteLine(line.ToJsonString(OneLine));
    }

    /// <summary>The object that a text is; null when it is something else.</summary>
    public static JsonObject? ParseObject(string text)
    {
        if (!text.StartsWith('{')) return null;
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // An ArgumentException says that a key is there twice.
            return null;
        }
    }
}
