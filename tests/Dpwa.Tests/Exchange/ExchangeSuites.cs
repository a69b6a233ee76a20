using Dpwa.Transport.InMemory;
using Dpwa.Transport.Tcp;

namespace Dpwa.Tests.Exchange;

public class ExchangeOverTcpTests : ExchangeSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options, new TcpTransport(), "127.0.0.1", length);
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
