using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Dpwa.Dashboard.Web;

/// <summary>
/// Who may read. By a name that is not ours, nobody: a page elsewhere could have had its own name resolve to this machine. From a page of another origin, nobody. And where others than this machine can come,
/// only who has the token, by the address that was printed, a cookie after it, or an <c>Authorization: Bearer</c> header.
/// </summary>
internal sealed class Guard(DashboardOptions options)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly byte[]? _token = options.Token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(options.Token));

    private readonly HashSet<string> _names = new([.. options.Names, "localhost", .. options.IsLocal ? (string[])[] : [Environment.MachineName, Dns.GetHostName()]], StringComparer.OrdinalIgnoreCase);

    public async Task Check(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers.CacheControl = "no-cache";
        if (!IsOurs(request.Host))
            await Refuse(context, StatusCodes.Status421MisdirectedRequest, $"This dashboard is not '{request.Host.Host}'. Open it by the address that it printed, or start it with --name {request.Host.Host}.").ConfigureAwait(false);
        else if (IsFromElsewhere(request))
            await Refuse(context, StatusCodes.Status403Forbidden, "Another site asked for this.").ConfigureAwait(false);
        else if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            await Refuse(context, StatusCodes.Status405MethodNotAllowed, "There is nothing to change here.").ConfigureAwait(false);
        else if (_token is not null && !IsRight(request.Cookies[Cookie(context)]) && !IsRight(Bearer(request)))
            await Admit(context).ConfigureAwait(false);
        else
            await next(context).ConfigureAwait(false);
    }

    /// <summary>An address that has the token gets a cookie for it, and leaves it out of the browser's line and history.</summary>
    private async Task Admit(HttpContext context)
    {
        if (!IsRight(context.Request.Query["token"]))
        {
            await Refuse(context, StatusCodes.Status401Unauthorized, "Open the address that 'dpwa dashboard' printed when it was started: it ends with a token.").ConfigureAwait(false);
            return;
        }

        context.Response.Cookies.Append(Cookie(context), options.Token!, new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = TimeSpan.FromDays(30) });
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = "/";
    }

    // Cookies are the same for all ports of a host.
    private static string Cookie(HttpContext context) => $"dpwa-{context.Connection.LocalPort}";

    private static string? Bearer(HttpRequest request) => request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.Ordinal) ? header[7..] : null;

    private bool IsRight(string? token) => token is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), _token);

    // By its number nobody else's page can be at this machine. The port may be that of a tunnel.
    private bool IsOurs(HostString host) => host.HasValue && (IPAddress.TryParse(host.Host.Trim('[', ']'), out IPAddress? address) ? !options.IsLocal || IPAddress.IsLoopback(address) : _names.Contains(host.Host));

    private static bool IsFromElsewhere(HttpRequest request)
    {
        string origin = request.Headers.Origin.ToString();
        return origin.Length > 0
            ? !origin.Equals($"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase)
            // A link to the page is no harm; a picture or script of it is somebody's try.
            : request.Headers["Sec-Fetch-Site"] == "cross-site" && request.Headers["Sec-Fetch-Mode"] != "navigate";
    }

    private static async Task Refuse(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync($"{text}\n").ConfigureAwait(false);
    }
}
