using System.Text.Json;
using System.Text.Json.Serialization;
using Dpwa.Launch.Processes;

namespace Dpwa.Launch.Runs;

/// <summary>What a run leaves in its log directory while it lasts, for <c>dpwa stop</c> to find it.</summary>
/// <param name="RunId">Marks its processes (<see cref="Workers.WorkerGroup.RunIdVariable"/>).</param>
/// <param name="Supervisor">The process that supervises its workers.</param>
/// <param name="GraceSeconds">How long it gives its workers to end.</param>
public sealed record RunRecord(string RunId, ProcessIdentity Supervisor, double GraceSeconds)
{
    /// <summary>Reads one; null when there is none, or what is there is none.</summary>
    public static RunRecord? Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static RunRecord? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, RunRecordJson.Default.RunRecord) is { Supervisor: not null, RunId: not null } record ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal string ToJson() => JsonSerializer.Serialize(this, RunRecordJson.Default.RunRecord);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RunRecord))]
internal sealed partial class RunRecordJson : JsonSerializerContext;
