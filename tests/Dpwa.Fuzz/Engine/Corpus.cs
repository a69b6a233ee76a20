using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Dpwa.Fuzz.Engine;

/// <summary>The inputs under <c>tests/corpus</c>: a folder a target, a file an input. Every input that ever broke something is one of them.</summary>
internal static class Corpus
{
    /// <summary>The folder of all targets.</summary>
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(Here(), "..", "..", "corpus"));

    /// <summary>The inputs of a target, by name.</summary>
    public static IEnumerable<(string Name, byte[] Input)> Of(FuzzTarget target)
    {
        string folder = Path.Combine(Folder, target.Name);
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(f => (Path.GetFileName(f), File.ReadAllBytes(f)))
            : [];
    }

    /// <summary>Keeps an input. Gives its path.</summary>
    public static string Add(FuzzTarget target, string prefix, byte[] input)
    {
        string path = Path.Combine(Folder, target.Name, $"{prefix}-{Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 4))}{target.Extension}");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, input);
        return path;
    }

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
