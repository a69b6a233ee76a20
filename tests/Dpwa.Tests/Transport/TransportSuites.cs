using Dpwa.Tests.Support;
using Dpwa.Transport;
using Dpwa.Transport.InMemory;
using Dpwa.Transport.Tcp;
using Dpwa.Transport.Tls;

namespace Dpwa.Tests.Transport;

public class TcpOverIPv4Tests : TransportSuite
{
    protected override ITransport Transport { get; } = new TcpTransport();

    protected override string Host => "127.0.0.1";
}

/// <summary>PEERS: "no IPv6".</summary>
public class TcpOverIPv6Tests : TransportSuite
{
    public TcpOverIPv6Tests() => IPv6.SkipWithout();

    protected override ITransport Transport { get; } = new TcpTransport();

    protected override string Host => "::1";
}

public class TlsTests : TransportSuite
{
    protected override ITransport Transport { get; } = new TlsTransport(Identities.Of("server"));

    protected override string Host => "127.0.0.1";
}

public class TlsOverIPv6Tests : TransportSuite
{
    public TlsOverIPv6Tests() => IPv6.SkipWithout();

    protected override ITransport Transport { get; } = new TlsTransport(Identities.Of("server"));

    protected override string Host => "::1";
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
