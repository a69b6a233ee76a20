using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dpwa.Dashboard.Storage;
using Dpwa.Dashboard.Web;

namespace Dpwa.Dashboard.Export;

/// <summary>
/// Writes the page with a run in it as one file, which opens anywhere and asks nothing of any address. Modules become data addresses in an import map, under names, as within a data address no other can be
/// relative to it.
/// </summary>
public static partial class ReportWriter
{
    private const int Points = 1000;

    private const string Policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data:\">";

    /// <summary>Writes a run.</summary>
    /// <param name="runs">Where it is.</param>
    /// <param name="run">Its number.</param>
    /// <param name="output">The page.</param>
    /// <returns>False when the run is not kept; nothing is written then.</returns>
    public static bool Write(RunReader runs, long run, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(output);
        if (runs.History(run, Points) is not { } history)
            return false;
        var imports = PageFiles.All.Values
            .Where(file => file.Path.EndsWith(".js", StringComparison.Ordinal))
            .ToDictionary(file => $"dpwa/{file.Path}", file => DataAddress("text/javascript", WithNames(file)));
        string scripts =
            $"""
            <script type="importmap">{JsonSerializer.Serialize(new { imports })}</script>
            <script type="application/json" id="report">{JsonSerializer.Serialize(history, PageJson.Options)}</script>
            <script type="module">import "dpwa/js/main.js";</script>
            """;
        output.Write(Text("index.html")
            .Replace("<meta charset=\"utf-8\">", $"<meta charset=\"utf-8\">\n{Policy}", StringComparison.Ordinal)
            .Replace("<link rel=\"stylesheet\" href=\"style.css\">", $"<style>\n{Text("style.css")}</style>", StringComparison.Ordinal)
            .Replace("\"icon.svg\"", $"\"{DataAddress("image/svg+xml", PageFiles.All["icon.svg"].Content)}\"", StringComparison.Ordinal)
            .Replace("<script type=\"module\" src=\"js/main.js\"></script>", scripts, StringComparison.Ordinal));
        return true;
    }

    /// <summary>A module that asks for others by their names in the import map.</summary>
    private static byte[] WithNames(PageFile module)
    {
        if (module.Path.StartsWith("vendor/", StringComparison.Ordinal))
            return module.Content;
        var folder = new Uri("file:///" + module.Path);
        return Encoding.UTF8.GetBytes(Import().Replace(Encoding.UTF8.GetString(module.Content), match => $"from \"dpwa{new Uri(folder, match.Groups[1].Value).AbsolutePath}\""));
    }

    private static string Text(string path) => Encoding.UTF8.GetString(PageFiles.All[path].Content);

    private static string DataAddress(string type, byte[] content) => $"data:{type};base64,{Convert.ToBase64String(content)}";

    [GeneratedRegex("from \"(\\.{1,2}/[^\"]+)\"")]
    private static partial Regex Import();
}
