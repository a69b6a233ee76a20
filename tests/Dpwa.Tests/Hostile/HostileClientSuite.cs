using System.Text;
using Dpwa.Protocol;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Hostile;

/// <summary>Clients that connect to a node and misbehave: each is turned away, told of once in the log, and nobody else notices.</summary>
public abstract class HostileClientSuite
{
    private const int Limit = 60_000;
    private const int Large = 4_000_000;
    private static readonly ulong Fingerprint = ParameterLayout.Flat(HostileScene.Length).Fingerprint;
    private static readonly byte[] Fetch = Frames.Of(Frames.Request(MessageType.Fetch, "client", fingerprint: Fingerprint));

    private protected virtual Task<RawClient> Connect(HostileScene scene) => RawClient.Connect(scene.Port);

    protected virtual DpwaOptions Secure(DpwaOptions options) => options;

    /// <summary>Short time-outs, for scenarios that need one.</summary>
    protected virtual DpwaOptions Impatient(DpwaOptions options) => HostileScene.Impatient(options);

    [Theory(Timeout = Limit)]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("DPWB")]
    public Task Another_protocol(string beginning) => IsTurnedAway(
        client => client.Send(Encoding.ASCII.GetBytes(beginning.PadRight(200))), "Protocol", "speaks another protocol");

    [Fact(Timeout = Limit)]
    public Task Another_version() => IsTurnedAway(
        client => client.Send(Frames.Changed(Fetch, bytes => bytes[4] = 0)), "Protocol", "speaks version 0 of the protocol");

    [Fact(Timeout = Limit)]
    public Task A_damaged_header() => IsTurnedAway(client =>
    {
        byte[] damaged = [.. Fetch];
        damaged[20] ^= 0x80;
        return client.Send(damaged);
    }, "Checksum");

    /// <summary>PEERS: "unauthenticated clients can run code (pickle), make it buffer 4 GiB".</summary>
    [Theory(Timeout = Limit)]
    [InlineData(1UL)]
    [InlineData(ulong.MaxValue)]
    public Task A_request_with_a_body(ulong length) => IsTurnedAway(
        client => client.Send(Frames.Changed(Fetch, bytes => BitConverter.TryWriteBytes(bytes.AsSpan(112), length))), "Protocol", "with a body of");

    [Fact(Timeout = Limit)]
    public Task A_snapshot_that_nobody_asked_for() => IsTurnedAway(
        client => client.Send(Frames.Request(MessageType.Snapshot, "client", fingerprint: Fingerprint), Frames.Payload(Answers.Values)), "Protocol", "with a body of");

    [Fact(Timeout = Limit)]
    public Task Nothing_at_all() => IsTurnedAway(_ => Task.CompletedTask, "TimedOut", "sent no whole request", Impatient);

    /// <summary>PEERS: "a client that sends half a message stalls everyone".</summary>
    [Theory(Timeout = Limit)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(127)]
    public Task Half_a_header(int length) => IsTurnedAway(client => client.Send(Fetch.AsMemory(0, length)), "TimedOut", "sent no whole request", Impatient);

    [Fact(Timeout = Limit)]
    public Task Half_a_header_after_a_whole_request() => IsTurnedAway(
        async client =>
        {
            await client.Send(Fetch);
            await client.Receive();
            await client.Send(Fetch.AsMemory(0, 30));
        },
        "TimedOut", "sent no whole request", Impatient);

    [Fact(Timeout = Limit)]
    public async Task One_that_resets_is_no_news()
    {
        await using HostileScene scene = await Scene();
        for (int i = 0; i < 5; i++)
        {
            using RawClient client = await Connect(scene);
            await client.Send(Fetch);
            client.Reset();
        }

        await scene.GoesOn();
        Assert.Empty(scene.Logs.Of(13));
    }

    [Fact(Timeout = Limit)]
    public async Task Many_of_one_kind_are_one_line_in_the_log()
    {
        await using HostileScene scene = await Scene();
        for (int i = 0; i < 20; i++)
        {
            using RawClient client = await Connect(scene);
            await client.Send(new byte[MessageHeader.Size]);
            await client.UntilClosed();
        }

        await scene.Logs.Logged(13);
        Assert.Single(scene.Logs.Of(13));
    }

    /// <summary>PEERS: "too many idle clients kill the serving thread silently".</summary>
    [Fact(Timeout = Limit)]
    public async Task Hundreds_of_idle_clients_push_out_each_other_but_not_who_is_served()
    {
        const int most = 16;
        await using HostileScene scene = await Scene(
            change: o => o with { MaxConnections = most, Timeout = TimeSpan.FromSeconds(20) });
        var clients = new List<RawClient>();
        try
        {
            for (int i = 0; i < 200; i++)
            {
                // Those that came before have had the time to speak.
                scene.Skip(TimeSpan.FromMilliseconds(150));
                clients.Add(await Connect(scene));
            }

            // All others have been closed: their end can be read.
            List<Task> ends = [.. clients.Select(client => client.UntilClosed())];
            await Eventually.Is(() => ends.Count(end => end.IsCompleted) >= 200 - most, "all but so many are closed");
            scene.Skip(TimeSpan.FromSeconds(1));
            await scene.GoesOn();
            Assert.InRange(Inside.Open(scene.Node), 1, most + 2);
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    /// <summary>PEERS: "one client that stops reading blocks the training thread for ever (lock held while sending)".</summary>
    [Fact(Timeout = Limit)]
    public async Task One_that_stops_reading_holds_neither_training_nor_others_and_its_lease_ends()
    {
        float[] values = new float[Large];
        await using HostileScene scene = await Scene(values, Impatient);
        using RawClient client = await Connect(scene);
        await client.Send(Request(Large));
        await Eventually.Is(() => Inside.HoldsLeases(scene.Node), "it is being served");
        for (int step = 0; step < 3; step++)
        {
            values[0]++;
            scene.Node.UpdateSend(values, 1);
            Assert.Equal(UpdateOutcome.NoPeer, (await Task.Run(() => scene.Node.UpdateWait(values, 1))).Outcome);
        }

        using RawClient other = await Connect(scene);
        await other.Send(Request(Large));
        Assert.Equal(ParameterLayout.Flat(Large).PayloadLength, (await other.Receive()).Body.Length);
        await Eventually.NothingIsLeased(scene.Node);
        await scene.Logs.Logged(13);
        Assert.Contains("reads too slowly", Assert.Single(scene.Logs.Of(13)), StringComparison.Ordinal);
        scene.Node.UpdateSend(values, 1);
        await other.Send(Request(Large));
        Assert.Equal(values[0], BitConverter.ToSingle((await other.Receive()).Body));
    }

    [Fact(Timeout = Limit)]
    public async Task A_flood_of_requests_without_reading_ends_by_itself()
    {
        float[] values = new float[Large];
        await using HostileScene scene = await Scene(values, Impatient);
        using RawClient client = await Connect(scene);
        await client.Flood(Frames.Of(Request(Large)));
        await Eventually.NothingIsLeased(scene.Node);
        await Eventually.Is(() => Inside.Running(scene.Node) == 0, "the connection is gone");
        await scene.Logs.Logged(13);
        Assert.Single(scene.Logs.Of(13));
    }

    [Fact(Timeout = Limit)]
    public async Task A_flood_on_a_small_model_does_not_keep_others_from_being_served()
    {
        await using HostileScene scene = await Scene(change: Impatient);
        using RawClient client = await Connect(scene);
        Task flood = client.Flood(Fetch);
        await scene.GoesOn();
        await flood;
        await Eventually.NothingIsLeased(scene.Node);
    }

    private static MessageHeader Request(int length) => Frames.Request(MessageType.Fetch, "client", fingerprint: ParameterLayout.Flat(length).Fingerprint);

    private Task<HostileScene> Scene(float[]? values = null, Func<DpwaOptions, DpwaOptions>? change = null) =>
        HostileScene.Published(values, o => Secure(change?.Invoke(o) ?? o));

    /// <summary>The connection ends, one line tells of it, and meanwhile and afterwards everybody else is served.</summary>
    private async Task IsTurnedAway(
        Func<RawClient, Task> misbehave, string kind, string? text = null, Func<DpwaOptions, DpwaOptions>? change = null)
    {
        await using HostileScene scene = await Scene(change: change);
        using RawClient client = await Connect(scene);
        await misbehave(client);
        await scene.GoesOn();
        await client.UntilClosed();
        await scene.Logs.Logged(13);
        string line = Assert.Single(scene.Logs.Of(13));
        Assert.Contains($"({kind})", line, StringComparison.Ordinal);
        if (text is not null)
            Assert.Contains(text, line, StringComparison.Ordinal);
    }
}
