using Dpwa.Codecs;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Codecs;

/// <summary>Who asks names the codec; who answers uses it or none. A peer that does otherwise is refused.</summary>
public class CodecNegotiationTests
{
    private const int Limit = 60_000;

    public static TheoryData<PayloadCodec> Lossy => [.. CodecValues.Lossy];

    public static TheoryData<PayloadCodec> All => [.. Enum.GetValues<PayloadCodec>()];

    [Theory(Timeout = Limit)]
    [MemberData(nameof(All))]
    public async Task A_fetch_is_answered_in_the_codec_that_it_names(PayloadCodec codec)
    {
        float[] values = CodecValues.Parameters(HostileScene.Length);
        await using HostileScene scene = await HostileScene.Published(values);
        (MessageHeader header, byte[] body) = await Ask(scene, codec);
        Assert.Equal((MessageType.Snapshot, codec), (header.Type, header.Codec));
        Assert.Equal(CodecValues.Expected(codec, values), body[..(int)PayloadCodecs.EncodedLength(codec, values.Length)]);
        Assert.Equal(EncodedLayout.Of(ParameterLayout.Flat(values.Length), codec).Length, body.Length);
        await Eventually.NothingIsLeased(scene.Node);
    }

    [Theory(Timeout = Limit)]
    [InlineData(4)]
    [InlineData(255)]
    public async Task A_fetch_in_an_unknown_codec_is_answered_in_float32(byte codec)
    {
        await using HostileScene scene = await HostileScene.Published();
        (MessageHeader header, byte[] body) = await Ask(scene, (PayloadCodec)codec);
        Assert.Equal((MessageType.Snapshot, PayloadCodec.Native), (header.Type, header.Codec));
        Assert.Equal(Frames.Payload(scene.Values), body);
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Lossy))]
    public async Task A_peer_that_does_not_know_the_codec_is_averaged_with_in_float32(PayloadCodec codec)
    {
        PayloadCodec asked = default;
        await using var scene = new HostileScene(
            new HostilePeer(async visit =>
            {
                MessageHeader request = await visit.Request();
                asked = request.Codec;
                await visit.Send(Answers.Good(request));
                await visit.UntilClosed();
            }),
            o => o with { Codec = codec });
        UpdateResult result = await scene.Step();
        Assert.Equal((UpdateOutcome.Averaged, codec), (result.Outcome, asked));
        Assert.All(scene.Values, v => Assert.Equal(1.5f, v));
    }

    [Fact(Timeout = Limit)]
    public Task A_codec_that_was_not_asked_for_is_refused() =>
        IsRejected(PayloadCodec.Float16, r => Snapshot(r, PayloadCodec.BFloat16, Body(PayloadCodec.BFloat16)), "Protocol", "codec 1");

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Lossy))]
    public Task A_body_of_another_length_than_the_codecs_is_refused(PayloadCodec codec) =>
        IsRejected(codec, r => Snapshot(r, codec, Body(PayloadCodec.Native)), "Protocol", "announced");

    [Fact(Timeout = Limit)]
    public Task A_float32_body_of_an_encoded_length_is_refused() =>
        IsRejected(PayloadCodec.Int8, r => Snapshot(r, PayloadCodec.Native, Body(PayloadCodec.Int8)), "Protocol", "announced");

    [Theory(Timeout = Limit)]
    [InlineData(PayloadCodec.BFloat16, 198, 0x7F80, 2)]
    [InlineData(PayloadCodec.BFloat16, 0, 0xFFC0, 2)]
    [InlineData(PayloadCodec.Float16, 100, 0x7C00, 2)]
    [InlineData(PayloadCodec.Float16, 0, 0x7E00, 2)]
    [InlineData(PayloadCodec.Int8, 0, 0x7FC00000, 4)]
    [InlineData(PayloadCodec.Int8, 0, 0x7F800000, 4)]
    [InlineData(PayloadCodec.Int8, 0, 0x7F7FFFFF, 4)]
    [InlineData(PayloadCodec.Int8, 0, unchecked((int)0xBF800000), 4)]
    public Task What_would_not_decode_to_finite_values_is_refused(PayloadCodec codec, int at, int bits, int size)
    {
        byte[] body = Body(codec);
        BitConverter.GetBytes(bits).AsSpan(0, size).CopyTo(body.AsSpan(at));
        return IsRejected(codec, r => Snapshot(r, codec, body), "NotFinite");
    }

    [Theory]
    [MemberData(nameof(Lossy))]
    public void Statistics_and_other_element_types_stay_exact(PayloadCodec codec)
    {
        var options = new DpwaOptions { Nodes = [new("w1", "virtual", 1), new("w2", "virtual", 2)], Codec = codec, ConstantValue = 1, Seed = 1 };
        var cluster = new VirtualCluster(options, CodecModel.Layout, seed: 1);
        CodecModel.Filled(1).CopyTo(cluster.Model(0));
        CodecModel.Filled(2).CopyTo(cluster.Model(1));
        Assert.True(cluster.UpdateSend(1, 1) && cluster.UpdateSend(0, 1));
        Assert.Equal(UpdateOutcome.Averaged, cluster.UpdateWait(0, 1).Outcome);

        // With the factor 1 everything is the peer's.
        EncodedLayout layout = EncodedLayout.Of(CodecModel.Layout, codec);
        for (int i = 0; i < CodecModel.Layout.Tensors.Length; i++)
            Assert.Equal(layout.CodecOf(i) == PayloadCodec.Native, cluster.Model(1).Segment(i).SequenceEqual(cluster.Model(0).Segment(i)));
    }

    private static async Task<(MessageHeader Header, byte[] Body)> Ask(HostileScene scene, PayloadCodec codec)
    {
        using RawClient client = await RawClient.Connect(scene.Port);
        ulong fingerprint = ParameterLayout.Flat(HostileScene.Length).Fingerprint;
        await client.Send(Frames.Request(MessageType.Fetch, "client", fingerprint: fingerprint) with { Codec = codec });
        return await client.Receive();
    }

    private static async Task IsRejected(PayloadCodec asked, Func<MessageHeader, byte[]> answer, string kind, string? text = null)
    {
        await using var scene = new HostileScene(
            new HostilePeer(async visit =>
            {
                await visit.Send(answer(await visit.Request()));
                await visit.UntilClosed();
            }),
            o => o with { Codec = asked });
        await scene.IsRejected(UpdateOutcome.Rejected, kind, text);
    }

    private static byte[] Snapshot(in MessageHeader request, PayloadCodec codec, byte[] body) => Answers.Snapshot(request, h => h with { Codec = codec }, body);

    private static byte[] Body(PayloadCodec codec)
    {
        byte[] encoded = CodecValues.Expected(codec, Answers.Values);
        return [.. encoded, .. new byte[(64 - encoded.Length % 64) % 64]];
    }
}
