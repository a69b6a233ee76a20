using System.Net.Sockets;
using Dpwa.Transport;
using Dpwa.Transport.InMemory;
using Dpwa.Transport.Tcp;

namespace Dpwa.Tests.Transport;

public class TcpOverIPv4Tests : TransportSuite
{
    protected override ITransport Transport { get; } = new TcpTransport();

    protected override string Host => "127.0.0.1";
}

/// <summary>PEERS: "no IPv6".</summary>
public class TcpOverIPv6Tests : TransportSuite
{
    public TcpOverIPv6Tests() => Assert.SkipUnless(Socket.OSSupportsIPv6 && HasLoopback(), "this machine has no IPv6 loopback");

    protected override ITransport Transport { get; } = new TcpTransport();

    protected override string Host => "::1";

    private static bool HasLoopback()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>By name: localhost is an address of either family.</summary>
public class TcpByNameTests : TransportSuite
{
    protected override ITransport Transport { get; } = new TcpTransport();

    protected override string Host => "localhost";
}

public class InMemoryTransportTests : TransportSuite
{
    protected override ITransport Transport { get; } = new InMemoryTransport();

    protected override string Host => "anywhere";
}
