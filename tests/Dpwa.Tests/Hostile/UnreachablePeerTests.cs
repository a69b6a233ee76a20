using System.Net;
using System.Net.Sockets;
using System.Text;
using Dpwa.Protocol;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Hostile;

/// <summary>Peers that are not there, go away, or stay and say nothing.</summary>
public class UnreachablePeerTests
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public async Task Absent()
    {
        var evil = new HostilePeer(_ => Task.CompletedTask);
        await evil.DisposeAsync();
        await using var scene = new HostileScene(evil: null);
        scene.Node.AddPeer(evil.Node);
        await scene.IsRejected(UpdateOutcome.NoPeer, "Unreachable", "nothing listens there");
    }

    [Fact(Timeout = Limit)]
    public async Task A_host_name_that_does_not_exist()
    {
        await using var scene = new HostileScene(evil: null, HostileScene.Impatient);
        scene.Node.AddPeer(new DpwaNode(HostilePeer.Name, "no-such-host.invalid", 1));
        UpdateResult result = await scene.Step();

        // A resolver may take longer than the time-out to say so.
        Assert.Contains(result.Outcome, new[] { UpdateOutcome.NoPeer, UpdateOutcome.TimedOut });
        Assert.Equal(1, scene.Evil.Failures);
        await scene.GoesOn();
    }

    /// <summary>A full backlog is as close to a host that drops packets as one machine gets.</summary>
    [Fact(Timeout = Limit)]
    public async Task Connections_are_never_accepted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a full backlog drops connections only on Linux");
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(listener.LocalEndPoint!);
        await using var scene = new HostileScene(evil: null, HostileScene.Impatient);
        scene.Node.AddPeer(new DpwaNode(HostilePeer.Name, "127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port));
        await scene.IsRejected(UpdateOutcome.TimedOut, "TimedOut", "did not accept a connection within 0.2 s");
    }

    [Fact(Timeout = Limit)]
    public async Task Accepts_and_closes()
    {
        await using var scene = new HostileScene(new HostilePeer(_ => Task.CompletedTask));
        await scene.IsRejected(UpdateOutcome.Rejected, "Closed");
    }

    [Fact(Timeout = Limit)]
    public async Task Accepts_and_resets()
    {
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            await visit.Data();
            visit.Reset();
        }));
        await scene.IsRejected(UpdateOutcome.Rejected, "Closed");
    }

    [Fact(Timeout = Limit)]
    public async Task Takes_the_request_and_resets()
    {
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            await visit.Request();
            visit.Reset();
        }));
        await scene.IsRejected(UpdateOutcome.Rejected, "Closed");
    }

    [Fact(Timeout = Limit)]
    public async Task Accepts_and_never_answers()
    {
        await using var scene = new HostileScene(new HostilePeer(visit => visit.Stall()), HostileScene.Impatient);
        await scene.IsRejected(UpdateOutcome.TimedOut, "TimedOut", "did not answer within 0.2 s");
    }

    [Theory(Timeout = Limit)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(200)]
    [InlineData(-1)]
    public async Task Stalls_in_the_middle_of_its_answer(int length)
    {
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            await visit.Send(Answers.Part(await visit.Request(), length));
            await visit.Stall();
        }), HostileScene.Impatient);
        await scene.IsRejected(UpdateOutcome.TimedOut, "TimedOut", "was too slow");
    }

    /// <summary>PEERS: "a client that sends half a message stalls everyone", from the side of who asks.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(200)]
    [InlineData(-1)]
    public async Task Closes_in_the_middle_of_its_answer(int length)
    {
        await using var scene = new HostileScene(new HostilePeer(async visit => await visit.Send(Answers.Part(await visit.Request(), length))));
        await scene.IsRejected(UpdateOutcome.Rejected, "Broken", "in the middle of a message");
    }

    [Fact(Timeout = Limit)]
    public async Task Trickles_one_byte_at_a_time()
    {
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            foreach (byte value in Answers.Good(await visit.Request()))
            {
                await visit.Send(new[] { value });

                // The hostile peer's own pace, for as long as the node bears it; nothing is waited for here.
                await Task.Delay(20, visit.Ended);
            }
        }), HostileScene.Impatient);
        await scene.IsRejected(UpdateOutcome.TimedOut, "TimedOut", "was too slow");
    }

    /// <summary>PEERS: "a header split in two removes a peer".</summary>
    [Theory(Timeout = Limit)]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(128)]
    [InlineData(140)]
    public async Task An_answer_split_in_two_is_averaged(int first)
    {
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            byte[] answer = Answers.Good(await visit.Request());
            await visit.Send(answer.AsMemory(0, first));
            await rest.Task;
            await visit.Send(answer.AsMemory(first));
            await visit.UntilClosed();
        }));
        Task<UpdateResult> step = scene.Step();
        await Eventually.Is(() => Inside.Received(scene.Node) == first, "the first part has come");
        Assert.False(step.IsCompleted);
        rest.SetResult();
        Assert.Equal(UpdateOutcome.Averaged, (await step).Outcome);
        Assert.All(scene.Values, v => Assert.Equal(1.5f, v));
    }

    /// <summary>A connection that died while nobody used it says nothing of the peer: it is asked again on a fresh one.</summary>
    [Fact(Timeout = Limit)]
    public async Task An_idle_connection_that_has_died_is_replaced_within_the_step()
    {
        await using var scene = new HostileScene(new HostilePeer(async visit => await visit.Send(Answers.Good(await visit.Request()))));
        for (int step = 0; step < 3; step++)
        {
            Assert.Equal(UpdateOutcome.Averaged, (await scene.Step()).Outcome);
            Assert.Equal(0, scene.Evil.Failures);
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData("GET / HTTP/1.1\r\nHost: w1\r\n\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n                                                                      ")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public async Task Speaks_another_protocol(string greeting)
    {
        bool whole = greeting.Length >= MessageHeader.Size;
        await using var scene = new HostileScene(
            new HostilePeer(async visit =>
            {
                await visit.Send(Encoding.ASCII.GetBytes(greeting));
                await visit.UntilClosed();
            }),
            o => whole ? o : HostileScene.Impatient(o));
        if (whole)
            await scene.IsRejected(UpdateOutcome.Rejected, "Protocol", "speaks another protocol");
        else
            await scene.IsRejected(UpdateOutcome.TimedOut, "TimedOut");
    }

    [Fact(Timeout = Limit)]
    public async Task Sends_garbage()
    {
        byte[] garbage = new byte[100_000];
        new Random(5).NextBytes(garbage);
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            await visit.Send(garbage);
            await visit.UntilClosed();
        }));
        await scene.IsRejected(UpdateOutcome.Rejected, "Protocol");
    }
}
