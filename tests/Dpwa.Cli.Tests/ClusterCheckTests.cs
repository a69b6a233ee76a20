using System.Net;
using System.Net.Sockets;
using Dpwa.Cli.Tests.Support;
using Dpwa.Launch.Hosts;
using Dpwa.Launch.Probe;
using Dpwa.Transport;
using Dpwa.Transport.Tcp;

namespace Dpwa.Cli.Tests;

public class ClusterCheckTests
{
    private static readonly DpwaNode Here = new("here", "localhost", 24_001);
    private static readonly DpwaNode There = new("there", "far", 24_002);

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData(ProbeOutcome.Listening, NodeState.Listening, false)]
    [InlineData(ProbeOutcome.Refused, NodeState.NotRunning, false)]
    [InlineData(ProbeOutcome.TimedOut, NodeState.TimedOut, true)]
    [InlineData(ProbeOutcome.Unreachable, NodeState.Unreachable, true)]
    public async Task What_the_probe_finds_is_reported(ProbeOutcome found, NodeState state, bool isProblem)
    {
        var report = await OneAsync(new World { Probe = found }, There);

        Assert.Equal((state, isProblem, false), (report.State, report.IsProblem, report.IsLocal));
        Assert.Equal(isProblem, report.Advice.Count > 0);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_host_that_nobody_knows_is_a_problem()
    {
        var report = await OneAsync(new World(), There with { Host = "nowhere" });

        Assert.True(report.IsProblem);
        Assert.Contains("'nowhere' is not known", Assert.Single(report.Advice));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task The_name_that_Debian_maps_to_127_0_1_1_calls_for_listen()
    {
        var own = Here with { Host = "debian" };

        Assert.Contains("listen: 0.0.0.0", Assert.Single((await OneAsync(new World(), own)).Advice));
        Assert.Empty((await OneAsync(new World(), own with { Listen = "0.0.0.0" })).Advice);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_loopback_address_is_of_no_use_to_nodes_elsewhere()
    {
        var reports = await new World().CheckAsync(Here, There);

        Assert.Contains("means this machine only", Assert.Single(reports[0].Advice));
        Assert.Empty(reports[1].Advice);
        Assert.Empty((await new World().CheckAsync(Here)).Single().Advice);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_node_of_this_machine_that_cannot_listen_is_a_problem()
    {
        var report = await OneAsync(new World { Ports = new TcpTransport() }, Here with { Listen = "192.0.2.1", Source = "dpwa.yaml:3:5" });

        Assert.Equal(NodeState.CannotListen, report.State);
        Assert.Contains("is not an address of this machine", Assert.Single(report.Advice));
        Assert.DoesNotContain("dpwa.yaml", report.Advice[0]);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Of_several_addresses_the_best_answer_counts()
    {
        var world = new World { ProbeAt = address => address.AddressFamily is AddressFamily.InterNetwork ? ProbeOutcome.Listening : ProbeOutcome.Refused };

        Assert.Equal(NodeState.Listening, (await OneAsync(world, Here)).State);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task The_tcp_probe_tells_who_listens_from_who_does_not()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var where = (IPEndPoint)listener.LocalEndpoint;
        var probe = new TcpNodeProbe(TimeSpan.FromMinutes(1), TimeProvider.System);

        Assert.Equal(ProbeOutcome.Listening, (await probe.ProbeAsync(Here, where, TestContext.Current.CancellationToken)).Outcome);
        listener.Stop();
        Assert.Equal(ProbeOutcome.Refused, (await probe.ProbeAsync(Here, where, TestContext.Current.CancellationToken)).Outcome);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task The_system_knows_this_machine_by_its_loopback_addresses()
    {
        var hosts = new SystemHostLookup();

        var addresses = await hosts.ResolveAsync("localhost", TestContext.Current.CancellationToken);

        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.True(hosts.IsOwn(address)));
        Assert.False(hosts.IsOwn(IPAddress.Parse("192.0.2.1")));
        Assert.Empty(await hosts.ResolveAsync("no-such-host.invalid", TestContext.Current.CancellationToken));
    }

    private static async Task<NodeReport> OneAsync(World world, DpwaNode node) => Assert.Single(await world.CheckAsync(node));

    private sealed class World : IHostLookup, INodeProbe, ITransport, IListener
    {
        public ProbeOutcome Probe { get; init; } = ProbeOutcome.Refused;

        public Func<IPAddress, ProbeOutcome>? ProbeAt { get; init; }

        public ITransport? Ports { get; init; }

        public EndPoint EndPoint => new IPEndPoint(IPAddress.Loopback, 1);

        public Task<IReadOnlyList<NodeReport>> CheckAsync(params DpwaNode[] nodes) =>
            new ClusterCheck(this, this, new(Ports ?? this)).RunAsync(nodes, TestContext.Current.CancellationToken);

        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct) => Task.FromResult<IReadOnlyList<IPAddress>>(host switch
        {
            "localhost" => [IPAddress.IPv6Loopback, IPAddress.Loopback],
            "debian" => [IPAddress.Parse("127.0.1.1")],
            "far" => [IPAddress.Parse("192.0.2.7")],
            _ => [],
        });

        public bool IsOwn(IPAddress address) => IPAddress.IsLoopback(address);

        public Task<ProbeResult> ProbeAsync(DpwaNode node, IPEndPoint endpoint, CancellationToken ct) => Task.FromResult(new ProbeResult(ProbeAt?.Invoke(endpoint.Address) ?? Probe));

        public IListener Listen(DpwaNode node) => this;

        public ValueTask<IConnection> ConnectAsync(DpwaNode node, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IConnection?> AcceptAsync() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
