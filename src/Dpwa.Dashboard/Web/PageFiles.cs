using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;

namespace Dpwa.Dashboard.Web;

/// <summary>The files of the page, which are in this assembly.</summary>
internal static class PageFiles
{
    private const string Prefix = "page/";

    /// <summary>By path, such as <c>js/main.js</c>.</summary>
    public static FrozenDictionary<string, PageFile> All { get; } = Read().ToFrozenDictionary(file => file.Path, StringComparer.Ordinal);

    private static IEnumerable<PageFile> Read()
    {
        Assembly assembly = typeof(PageFiles).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            yield return new(name[Prefix.Length..], content);
        }
    }
}

/// <summary>A file of the page.</summary>
internal sealed record PageFile(string Path, byte[] Content)
{
    public string Type { get; } = System.IO.Path.GetExtension(Path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };

    /// <summary>A browser that has it already is told so.</summary>
    public string Tag { get; } = $"\"{Convert.ToHexString(SHA256.HashData(Content).AsSpan(0, 12))}\"";
}
