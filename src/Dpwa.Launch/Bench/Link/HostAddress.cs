using System.Net;
using System.Net.Sockets;

namespace Dpwa.Launch.Bench.Link;

internal static class HostAddress
{
    /// <summary>The address that workers take a host for: IPv4 first, as nodes do.</summary>
    /// <exception cref="SocketException">It is not known.</exception>
    public static IPAddress Of(string host) => IPAddress.TryParse(host, out var literal)
        ? literal
        : Dns.GetHostAddresses(host).OrderBy(address => address.AddressFamily is AddressFamily.InterNetwork ? 0 : 1).FirstOrDefault() ?? throw new SocketException((int)SocketError.HostNotFound);
}
