using System.Net;
using Dpwa.Cli.Tests.Support;
using Dpwa.Exchange;
using Dpwa.Launch.Probe;
using Dpwa.Protocol;
using Dpwa.Security;
using Dpwa.Transport;
using Dpwa.Transport.Tcp;
using Dpwa.Transport.Tls;
using Microsoft.Extensions.Time.Testing;

namespace Dpwa.Cli.Tests;

public class NodeProbeTests
{
    private static readonly DpwaNode Node = new("w1", "127.0.0.1", 0);
    private static readonly DpwaOptions Cluster = new() { Nodes = [Node, Node with { Name = "w2" }], Cluster = "ours" };

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_node_says_its_clock_its_steps_and_its_model()
    {
        await using var node = new DpwaConnection("w1", Cluster);

        var idle = await AskAsync(node.ListenEndPoint);
        node.UpdateSend([1, 2], loss: 1);
        node.UpdateSend([1, 2], loss: 1);
        var busy = await AskAsync(node.ListenEndPoint);

        Assert.Equal((ProbeOutcome.Running, new NodeGreeting("w1", 0, 0, 0)), (idle.Outcome, idle.Greeting));
        Assert.Equal((ProbeOutcome.Running, 2.0, 2ul), (busy.Outcome, busy.Greeting!.Value.Clock, busy.Greeting.Value.Round));
        Assert.NotEqual(0ul, busy.Greeting.Value.Fingerprint);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Another_node_of_the_cluster_at_the_address_is_named()
    {
        await using var node = new DpwaConnection("w2", Cluster);

        var found = await AskAsync(node.ListenEndPoint);

        Assert.Equal((ProbeOutcome.Stranger, FailureKind.OtherNode), (found.Outcome, found.Failure?.Kind));
        Assert.Contains("w2", found.Failure?.Text);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_node_of_another_cluster_is_a_stranger()
    {
        await using var node = new DpwaConnection("w1", Cluster with { Cluster = "theirs" });

        var found = await AskAsync(node.ListenEndPoint);

        Assert.Equal((ProbeOutcome.Stranger, FailureKind.OtherCluster), (found.Outcome, found.Failure?.Kind));
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData(200, FailureKind.Protocol, "another protocol")]
    [InlineData(20, FailureKind.Broken, "in the middle of a message")]
    [InlineData(0, FailureKind.Closed, "closed the connection")]
    public async Task A_web_server_is_a_stranger_however_much_it_says(int length, FailureKind kind, string words)
    {
        await using var server = new OneAnswer([.. "HTTP/1.1 400 Bad Request\r\n"u8.ToArray().Concat(new byte[200]).Take(length)]);

        var found = await AskAsync(server.EndPoint);

        Assert.Equal((ProbeOutcome.Stranger, kind), (found.Outcome, found.Failure?.Kind));
        Assert.Contains(words, found.Failure?.Text);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_node_of_another_version_is_a_stranger()
    {
        var pong = new byte[MessageHeader.Size];
        new MessageHeader { Type = MessageType.Pong }.Write(pong);
        pong[4] = 2;
        await using var server = new OneAnswer(pong);

        var found = await AskAsync(server.EndPoint);

        Assert.Equal(ProbeOutcome.Stranger, found.Outcome);
        Assert.Contains("version 2 of the protocol", found.Failure?.Text);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_name_or_a_clock_that_cannot_be_is_not_believed()
    {
        var id = MessageHeader.IdOf("w1");
        var impostor = await AskAsync(Pong(new() { Type = MessageType.Pong, Sender = id + 1, Clock = 1 }));
        var broken = await AskAsync(Pong(new() { Type = MessageType.Pong, Sender = id, Clock = double.NaN }));

        Assert.Equal((ProbeOutcome.Stranger, FailureKind.OtherNode), (impostor.Outcome, impostor.Failure?.Kind));
        Assert.Equal((ProbeOutcome.Stranger, FailureKind.BadState), (broken.Outcome, broken.Failure?.Kind));
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_accepts_and_says_nothing_is_silent_once_time_is_up(bool encrypts)
    {
        await using var server = new OneAnswer(answer: null);
        var time = new FakeTimeProvider();

        var asking = AskAsync(server.EndPoint, time, encrypts ? Encrypting() : null);
        await Task.WhenAny(server.Asked, asking);
        Assert.False(asking.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(ProbeOutcome.Silent, (await asking).Outcome);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Where_nobody_listens_it_is_refused()
    {
        EndPoint where;
        await using (var server = new OneAnswer(answer: null)) where = server.EndPoint;

        Assert.Equal(ProbeOutcome.Refused, (await AskAsync(where)).Outcome);
    }

    private static async Task<ProbeResult> AskAsync(OneAnswer server)
    {
        await using (server) return await AskAsync(server.EndPoint);
    }

    private static Task<ProbeResult> AskAsync(EndPoint where, TimeProvider? time = null, ITransport? transport = null) =>
        new NodeProbe(transport ?? new TcpTransport(), Cluster, TimeSpan.FromMinutes(1), time ?? TimeProvider.System).ProbeAsync(Node, (IPEndPoint)where, TestContext.Current.CancellationToken);

    private static TlsTransport Encrypting()
    {
        const string variable = "DPWA_CLI_TESTS_CLUSTER_KEY";
        Environment.SetEnvironmentVariable(variable, "00112233445566778899aabbccddeeff");
        return new(NodeIdentity.LoadOperator(Cluster with { ClusterKey = new(Environment: variable) })!);
    }

    private static OneAnswer Pong(MessageHeader header)
    {
        var bytes = new byte[MessageHeader.Size];
        header.Write(bytes);
        return new(bytes);
    }
}
