using Dpwa.Protocol;

namespace Dpwa.Launch.Bench;

/// <summary>The words of the configuration, and ours, for choices.</summary>
public static class Words
{
    private static readonly Dictionary<Enum, string> Special = new() { [PayloadCodec.Native] = "float32", [TransportChoice.SharedMemory] = "shared_memory" };

    /// <summary>The word for a choice: <c>shared_memory</c>, <c>bfloat16</c>.</summary>
    public static string Of<T>(T choice)
        where T : struct, Enum => Special.GetValueOrDefault(choice) ?? choice.ToString().ToLowerInvariant();

    /// <summary>All words of a kind of choice.</summary>
    public static IReadOnlyList<string> All<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(Of)];

    /// <summary>The choice that a word is for, or null.</summary>
    public static T? Find<T>(string? word)
        where T : struct, Enum => Enum.GetValues<T>().Where(choice => Of(choice) == word).Select(choice => (T?)choice).FirstOrDefault();
}
