using System.Net;
using System.Net.Sockets;
using Dpwa.Cli.Tests.Support;
using Dpwa.Exchange;
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
    [InlineData(ProbeOutcome.Running, NodeState.Running, false)]
    [InlineData(ProbeOutcome.Stranger, NodeState.Stranger, true)]
    [InlineData(ProbeOutcome.Silent, NodeState.TimedOut, true)]
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
        var world = new World { ProbeAt = address => address.AddressFamily is AddressFamily.InterNetwork ? ProbeOutcome.Running : ProbeOutcome.Refused };

        Assert.Equal(NodeState.Running, (await OneAsync(world, Here)).State);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_machine_that_does_not_answer_is_told_from_a_program_that_does_not()
    {
        var machine = await OneAsync(new World { Probe = ProbeOutcome.TimedOut }, There);
        var program = await OneAsync(new World { Probe = ProbeOutcome.Silent }, There);

        Assert.Contains("firewall", Assert.Single(machine.Advice));
        Assert.Contains("accepts a connection and then does not answer", Assert.Single(program.Advice));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task An_address_with_colons_stands_in_brackets()
    {
        var report = await OneAsync(new World { Probe = ProbeOutcome.Silent }, There with { Host = "::1" });

        Assert.Equal("[::1]:24002", report.Place);
        Assert.StartsWith("[::1]:24002 accepts", Assert.Single(report.Advice));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Who_runs_another_model_than_most_is_a_problem()
    {
        var world = new World { Probe = ProbeOutcome.Running, Models = { ["a"] = 1, ["b"] = 2, ["c"] = 2, ["d"] = 0 } };

        var reports = await world.CheckAsync([.. "abcd".Select(name => There with { Name = $"{name}" })]);

        Assert.Equal([NodeState.OtherModel, NodeState.Running, NodeState.Running, NodeState.Running], reports.Select(report => report.State));
        Assert.True(reports[0].IsProblem);
        Assert.Contains("another model than b and c", Assert.Single(reports[0].Advice));
        Assert.All(reports.Skip(1), report => Assert.Empty(report.Advice));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Of_two_nodes_with_two_models_the_second_is_the_one_to_look_at()
    {
        var world = new World { Probe = ProbeOutcome.Running, Models = { ["a"] = 7, ["b"] = 5 } };

        var reports = await world.CheckAsync(There with { Name = "a" }, There with { Name = "b" });

        Assert.Equal([NodeState.Running, NodeState.OtherModel], reports.Select(report => report.State));
        Assert.Contains("another model than a,", Assert.Single(reports[1].Advice));
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

        public Dictionary<string, ulong> Models { get; } = [];

        public ITransport? Ports { get; init; }

        public EndPoint EndPoint => new IPEndPoint(IPAddress.Loopback, 1);

        public Task<IReadOnlyList<NodeReport>> CheckAsync(params DpwaNode[] nodes) =>
            new ClusterCheck(this, this, new(Ports ?? this)).RunAsync(nodes, TestContext.Current.CancellationToken);

        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct) => Task.FromResult<IReadOnlyList<IPAddress>>(host switch
        {
            "localhost" => [IPAddress.IPv6Loopback, IPAddress.Loopback],
            "debian" => [IPAddress.Parse("127.0.1.1")],
            "::1" => [IPAddress.IPv6Loopback],
            "far" => [IPAddress.Parse("192.0.2.7")],
            _ => [],
        });

        public bool IsOwn(IPAddress address) => IPAddress.IsLoopback(address);

        public Task<ProbeResult> ProbeAsync(DpwaNode node, IPEndPoint endpoint, CancellationToken ct) => Task.FromResult(new ProbeResult(ProbeAt?.Invoke(endpoint.Address) ?? Probe)
        {
            Greeting = Models.TryGetValue(node.Name, out var model) ? new NodeGreeting(node.Name, Clock: 1, Round: 1, model) : null,
        });

        public IListener Listen(DpwaNode node) => this;

        public ValueTask<IConnection> ConnectAsync(DpwaNode node, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IConnection?> AcceptAsync() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
