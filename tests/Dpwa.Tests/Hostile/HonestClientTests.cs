using System.Text;
using Dpwa.Protocol;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Hostile;

/// <summary>What a node answers to each request: a client written from docs/protocol.md alone.</summary>
public class HonestClientTests
{
    private const int Limit = 60_000;
    private static readonly ulong Fingerprint = ParameterLayout.Flat(HostileScene.Length).Fingerprint;

    [Fact(Timeout = Limit)]
    public async Task A_fetch_is_answered_with_the_snapshot_and_its_state()
    {
        await using HostileScene scene = await HostileScene.Published();
        scene.Node.UpdateSend(scene.Values, loss: 0.25);
        (MessageHeader header, byte[] body) = await Ask(scene, Request(MessageType.Fetch) with { Request = 99 });

        Assert.Equal((MessageType.Snapshot, 99UL, 2UL, 2d, 0.25, 1d), (header.Type, header.Request, header.Sequence, header.Clock, header.Loss, header.Weight));
        Assert.Equal((MessageHeader.IdOf("w1"), MessageHeader.IdOf("client"), MessageHeader.IdOf("")), (header.Sender, header.Receiver, header.Cluster));
        Assert.Equal((Fingerprint, PayloadCodec.Native, 0u), (header.Fingerprint, header.Codec, header.Flags));
        Assert.NotEqual(0UL, header.Incarnation);
        Assert.Equal(Frames.Payload(scene.Values), body);
        await Eventually.NothingIsLeased(scene.Node);
    }

    [Fact(Timeout = Limit)]
    public async Task A_layout_request_is_answered_with_the_layout()
    {
        await using HostileScene scene = await HostileScene.Published();
        (MessageHeader header, byte[] body) = await Ask(scene, Request(MessageType.LayoutRequest));
        Assert.Equal(MessageType.Layout, header.Type);
        Assert.True(ParameterLayout.TryDecode(body, out ParameterLayout? layout));
        Assert.Equal(ParameterLayout.Flat(HostileScene.Length), layout);
    }

    [Fact(Timeout = Limit)]
    public async Task A_ping_is_answered_with_the_name_before_anything_is_published()
    {
        await using var scene = new HostileScene(evil: null);
        (MessageHeader header, byte[] body) = await Ask(scene, Request(MessageType.Ping));
        Assert.Equal((MessageType.Pong, "w1", 0UL), (header.Type, Encoding.UTF8.GetString(body), header.Fingerprint));
    }

    [Theory(Timeout = Limit)]
    [InlineData(MessageType.Fetch)]
    [InlineData(MessageType.LayoutRequest)]
    public async Task Before_the_first_publish_a_node_is_not_ready(MessageType type)
    {
        await using var scene = new HostileScene(evil: null);
        await IsRefused(scene, Request(type), RefusalReason.NotReady);
    }

    [Fact(Timeout = Limit)]
    public async Task Requests_that_do_not_fit_are_refused_with_the_reason_and_the_connection_stays()
    {
        await using HostileScene scene = await HostileScene.Published();
        using RawClient client = await RawClient.Connect(scene.Port);
        await IsRefused(scene, Request(MessageType.Fetch) with { Fingerprint = 1 }, RefusalReason.OtherModel, client);
        await IsRefused(scene, Request(MessageType.Fetch) with { Cluster = 1 }, RefusalReason.OtherCluster, client);
        await IsRefused(scene, Request(MessageType.Fetch) with { Receiver = 1 }, RefusalReason.OtherNode, client);
        await IsRefused(scene, Request((MessageType)99), RefusalReason.Unsupported, client);
        await IsRefused(scene, Request(MessageType.Pong), RefusalReason.Unsupported, client);
        await client.Send(Request(MessageType.Fetch));
        Assert.Equal(MessageType.Snapshot, (await client.Receive()).Header.Type);
    }

    /// <summary>PEERS: "a header split in two removes a peer".</summary>
    [Fact(Timeout = Limit)]
    public async Task A_request_in_pieces_is_served()
    {
        await using HostileScene scene = await HostileScene.Published();
        using RawClient client = await RawClient.Connect(scene.Port);
        byte[] request = Frames.Of(Request(MessageType.Fetch));
        foreach (int[] piece in new int[][] { [0, 1], [1, 64], [64, 128] })
        {
            await client.Send(request.AsMemory(piece[0]..piece[1]));
            await Task.Yield();
        }

        Assert.Equal(MessageType.Snapshot, (await client.Receive()).Header.Type);
    }

    [Fact(Timeout = Limit)]
    public async Task A_closing_node_says_goodbye_on_every_connection()
    {
        HostileScene scene = await HostileScene.Published();
        using RawClient client = await RawClient.Connect(scene.Port);
        await client.Send(Request(MessageType.Ping));
        Assert.Equal(MessageType.Pong, (await client.Receive()).Header.Type);
        await scene.DisposeAsync();
        (MessageHeader header, _) = await client.Receive();
        Assert.Equal((MessageType.Goodbye, MessageHeader.IdOf("w1")), (header.Type, header.Sender));
        await client.UntilClosed();
    }

    private static MessageHeader Request(MessageType type) => Frames.Request(type, "client", fingerprint: Fingerprint);

    private static async Task<(MessageHeader Header, byte[] Body)> Ask(HostileScene scene, MessageHeader request)
    {
        using RawClient client = await RawClient.Connect(scene.Port);
        await client.Send(request);
        return await client.Receive();
    }

    private static async Task IsRefused(HostileScene scene, MessageHeader request, RefusalReason reason, RawClient? client = null)
    {
        using RawClient? own = client is null ? await RawClient.Connect(scene.Port) : null;
        client ??= own!;
        await client.Send(request);
        (MessageHeader header, byte[] body) = await client.Receive();
        Assert.Equal((MessageType.Refusal, reason, request.Request), (header.Type, header.Reason, header.Request));
        Assert.NotEmpty(Encoding.UTF8.GetString(body));
    }
}
