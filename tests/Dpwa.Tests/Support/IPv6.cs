using System.Net;
using System.Net.Sockets;

namespace Dpwa.Tests.Support;

internal static class IPv6
{
    /// <summary>Skips the test where there is no IPv6.</summary>
    public static void SkipWithout() => Assert.SkipUnless(Socket.OSSupportsIPv6 && HasLoopback(), "this machine has no IPv6 loopback");

    private static bool HasLoopback()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
