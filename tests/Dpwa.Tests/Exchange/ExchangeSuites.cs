using Dpwa.Tests.Support;
using Dpwa.Transport.InMemory;
using Dpwa.Transport.Tcp;
using Dpwa.Transport.Tls;

namespace Dpwa.Tests.Exchange;

public class ExchangeOverTcpTests : ExchangeSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options with { Transport = TransportChoice.Tcp }, new TcpTransport(), "127.0.0.1", length);
}

public class ExchangeOverTlsTests : ExchangeSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options with { Transport = TransportChoice.Tcp }, name => new TlsTransport(Identities.Of(name)), "127.0.0.1", length);
}

/// <summary>The way through memory is negotiated over the encrypted connection.</summary>
public class ExchangeThroughSharedMemoryOverTlsTests : ExchangeSuite
{
    public ExchangeThroughSharedMemoryOverTlsTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Shared memory is Linux's.");

    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options with { Transport = TransportChoice.SharedMemory }, name => new TlsTransport(Identities.Of(name)), "127.0.0.1", length);
}

public class ExchangeThroughSharedMemoryTests : ExchangeSuite
{
    public ExchangeThroughSharedMemoryTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Shared memory is Linux's.");

    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options with { Transport = TransportChoice.SharedMemory }, new TcpTransport(), "127.0.0.1", length);
}

public class ExchangeInMemoryTests : ExchangeSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options, new InMemoryTransport(), "anywhere", length);
}

public class ExchangeOnVirtualTimeTests : ExchangeSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) => new SimulatedCluster(nodes, options, length);
}
