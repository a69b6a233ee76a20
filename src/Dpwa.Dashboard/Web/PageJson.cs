using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dpwa.Dashboard.Web;

/// <summary>How the page is told things: names and enumerations in camel case. What could end a script element is escaped, so that it can stand in a page.</summary>
internal static class PageJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };
}
