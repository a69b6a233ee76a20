using System.Text;
using Dpwa.Protocol;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Hostile;

/// <summary>Peers that answer in time, and wrongly.</summary>
public class LyingPeerTests
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public Task Another_version_of_the_protocol() => IsRejected(
        r => Frames.Changed(Answers.Good(r), bytes => bytes[4] = 2), "Protocol", "speaks version 2 of the protocol; this is version 1");

    [Fact(Timeout = Limit)]
    public Task A_damaged_header() => IsRejected(r =>
    {
        byte[] answer = Answers.Good(r);
        answer[80] ^= 1;
        return answer;
    }, "Checksum");

    [Fact(Timeout = Limit)]
    public Task A_damaged_body() => IsRejected(r =>
    {
        byte[] answer = Answers.Good(r);
        answer[MessageHeader.Size + 17] ^= 1;
        return answer;
    }, "Checksum");

    [Fact(Timeout = Limit)]
    public Task A_wrong_checksum_behind_the_body() => IsRejected(r =>
    {
        byte[] answer = Answers.Good(r);
        answer[^1] ^= 1;
        return answer;
    }, "Checksum");

    /// <summary>PEERS: "NaN from one peer spreads to all in one step".</summary>
    [Theory(Timeout = Limit)]
    [InlineData(float.NaN, 0)]
    [InlineData(float.NaN, HostileScene.Length - 1)]
    [InlineData(float.PositiveInfinity, 50)]
    [InlineData(float.NegativeInfinity, 50)]
    public Task Values_that_are_not_finite(float value, int place) => IsRejected(r =>
    {
        float[] values = Answers.Values;
        values[place] = value;
        return Answers.Snapshot(r, h => h, Frames.Payload(values));
    }, "NotFinite", "a NaN or an infinity");

    /// <summary>PEERS: "unauthenticated clients can make it buffer 4 GiB".</summary>
    [Theory(Timeout = Limit)]
    [InlineData(1UL)]
    [InlineData(447UL)]
    [InlineData(449UL)]
    [InlineData(1UL << 32)]
    [InlineData(1UL << 60)]
    [InlineData(ulong.MaxValue)]
    public async Task A_length_that_is_not_the_models_takes_no_memory(ulong length)
    {
        long before = GC.GetTotalAllocatedBytes(precise: false);
        await IsRejected(r => Frames.Changed(Answers.Good(r), bytes => BitConverter.TryWriteBytes(bytes.AsSpan(112), length)), "Protocol", "announced a body of");
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: false) - before, 0, 1L << 30);
    }

    [Fact(Timeout = Limit)]
    public Task A_snapshot_without_a_body() => IsRejected(
        r => Frames.Of(Frames.Reply(r, MessageType.Snapshot, HostilePeer.Name)), "Protocol");

    [Theory(Timeout = Limit)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    public Task A_bad_clock(double clock) => IsRejected(r => Answers.Snapshot(r, h => h with { Clock = clock }), "BadState", "clock");

    [Theory(Timeout = Limit)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(0)]
    [InlineData(-1)]
    public Task A_bad_weight(double weight) => IsRejected(r => Answers.Snapshot(r, h => h with { Weight = weight }), "BadState", "weight");

    /// <summary>PEERS: "negative losses extrapolate".</summary>
    [Theory(Timeout = Limit)]
    [InlineData("loss", 0, -1)]
    [InlineData("loss", 0, double.NaN)]
    [InlineData("loss", 0, double.PositiveInfinity)]
    [InlineData("constant", 0.5, -1)]
    [InlineData("constant", 0.5, double.NaN)]
    public Task A_bad_loss_where_losses_count(string interpolation, double threshold, double loss) => IsRejected(
        r => Answers.Snapshot(r, h => h with { Loss = loss }), "BadState", "loss",
        o => o with { Interpolation = interpolation, DivergenceThreshold = threshold });

    [Theory(Timeout = Limit)]
    [InlineData("constant", -1)]
    [InlineData("clock", double.NaN)]
    public async Task Any_loss_is_fine_where_losses_do_not_count(string interpolation, double loss)
    {
        await using var scene = new HostileScene(
            new HostilePeer(async visit =>
            {
                await visit.Send(Answers.Snapshot(await visit.Request(), h => h with { Loss = loss }));
                await visit.UntilClosed();
            }),
            o => o with { Interpolation = interpolation });
        UpdateResult result = await scene.Step();
        Assert.Equal((UpdateOutcome.Averaged, loss), (result.Outcome, result.PeerLoss));
    }

    [Fact(Timeout = Limit)]
    public Task Another_request_id() => IsRejected(r => Answers.Snapshot(r, h => h with { Request = h.Request + 1 }), "Protocol", "was not asked for");

    [Fact(Timeout = Limit)]
    public Task Another_codec() => IsRejected(r => Answers.Snapshot(r, h => h with { Codec = (PayloadCodec)3 }), "Protocol", "codec 3");

    [Fact(Timeout = Limit)]
    public Task Another_node_at_the_peers_address() => IsRejected(
        r => Answers.Snapshot(r, h => h with { Sender = MessageHeader.IdOf("somebody") }), "OtherNode");

    [Fact(Timeout = Limit)]
    public Task Another_cluster() => IsRejected(
        r => Answers.Snapshot(r, h => h with { Cluster = MessageHeader.IdOf("other") }), "OtherCluster");

    [Theory(Timeout = Limit)]
    [InlineData(MessageType.Fetch)]
    [InlineData(MessageType.Pong)]
    [InlineData((MessageType)0)]
    [InlineData((MessageType)99)]
    public Task A_message_of_another_type(MessageType type) => IsRejected(r => Frames.Of(Frames.Reply(r, type, HostilePeer.Name)), "Protocol", "not asked for");

    [Theory(Timeout = Limit)]
    [InlineData(MessageType.Layout)]
    [InlineData(MessageType.Pong)]
    [InlineData((MessageType)99)]
    public Task A_body_of_another_type(MessageType type) => IsRejected(
        r => Frames.Of(Frames.Reply(r, type, HostilePeer.Name), new byte[10]), "Protocol", "not asked for");

    [Fact(Timeout = Limit)]
    public Task A_refusal_of_no_known_reason_is_logged_without_its_control_characters() => IsRejected(
        r => Frames.Of(Frames.Reply(r, MessageType.Refusal, HostilePeer.Name) with { Reason = (RefusalReason)77 }, Encoding.UTF8.GetBytes("\u001b[31mred\r\nINFO fake line\u009b")),
        "Protocol", "refused:  [31mred  INFO fake line ");

    [Fact(Timeout = Limit)]
    public Task A_refusal_that_is_too_long() => IsRejected(
        r => Frames.Of(Frames.Reply(r, MessageType.Refusal, HostilePeer.Name), new byte[5000]), "Protocol", "announced a body of");

    /// <summary>It is no failure, however often it says so; another is asked meanwhile.</summary>
    [Fact(Timeout = Limit)]
    public async Task One_that_is_always_busy()
    {
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            while (true)
                await visit.Send(Frames.Of(Frames.Reply(await visit.Request(), MessageType.Refusal, HostilePeer.Name) with { Reason = RefusalReason.Busy }));
        }));
        UpdateResult result = await scene.Step();
        Assert.Equal((UpdateOutcome.NoPeer, HostilePeer.Name), (result.Outcome, result.Peer));
        Assert.Contains("is busy", result.Reason, StringComparison.Ordinal);
        Assert.Equal((0L, PeerState.Available), (scene.Evil.Failures, scene.Evil.State));
        Assert.Empty(scene.Logs.Of(10));
        await scene.GoesOn();
    }

    [Theory(Timeout = Limit)]
    [InlineData(RefusalReason.NotReady, "NotReady", UpdateOutcome.NoPeer)]
    [InlineData(RefusalReason.Leaving, "Leaving", UpdateOutcome.NoPeer)]
    [InlineData(RefusalReason.OtherCluster, "OtherCluster", UpdateOutcome.Rejected)]
    [InlineData(RefusalReason.OtherNode, "OtherNode", UpdateOutcome.Rejected)]
    [InlineData(RefusalReason.Unsupported, "Protocol", UpdateOutcome.Rejected)]
    public Task A_refusal(RefusalReason reason, string kind, UpdateOutcome outcome) => IsRejected(
        r => Frames.Of(Frames.Reply(r, MessageType.Refusal, HostilePeer.Name) with { Reason = reason }, "no"u8.ToArray()), kind, outcome: outcome);

    /// <summary>PEERS: "a crashed trainer keeps serving its frozen state and others keep averaging with it".</summary>
    [Fact(Timeout = Limit)]
    public Task A_snapshot_that_is_too_old() => IsRejected(
        r => Answers.Snapshot(r, h => h with { AgeMicroseconds = 90_000_000 }), "Stale", "published 90 s ago", o => o with { MaxStaleness = TimeSpan.FromSeconds(60) });

    [Fact(Timeout = Limit)]
    public Task Another_models_fingerprint_on_the_snapshot() => IsRejected(
        r => Answers.Snapshot(r, h => h with { Fingerprint = 1 }), "OtherModel");

    /// <summary>PEERS: "another model on a peer raises in the training thread".</summary>
    [Fact(Timeout = Limit)]
    public Task Another_model_and_the_first_tensor_that_differs_is_named() => IsRejected(r => OtherModel(r, ParameterLayout.Flat(7).Encode()), "OtherModel",
        $"tensor 0 is parameters float32[{HostileScene.Length}] here and parameters float32[7] there");

    [Fact(Timeout = Limit)]
    public Task Another_model_whose_layout_is_garbage() => IsRejected(r => OtherModel(r, [1, 2, 3, 4, 5]), "OtherModel", "its layout cannot be read");

    [Fact(Timeout = Limit)]
    public Task Another_model_whose_layout_names_would_fool_a_terminal() => IsRejected(
        r => OtherModel(r, new ParameterLayout([new("\u001b[2J\nx", [1], ElementType.Float32, TensorKind.Parameter)]).Encode()), "OtherModel", " [2J x float32[1] there");

    [Fact(Timeout = Limit)]
    public Task Another_model_whose_layout_is_ours() => IsRejected(
        r => OtherModel(r, ParameterLayout.Flat(HostileScene.Length).Encode()), "OtherModel", "the layouts agree but their fingerprints do not");

    [Fact(Timeout = Limit)]
    public async Task Failures_that_alternate_are_one_line_each_in_the_log_until_a_success()
    {
        int asked = 0;
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            MessageHeader request = await visit.Request();
            int turn = Interlocked.Increment(ref asked);
            await visit.Send(turn switch
            {
                5 => Answers.Good(request),
                _ when turn % 2 == 0 => Answers.Snapshot(request, h => h with { Clock = -1 }),
                _ => Answers.Snapshot(request, h => h with { Cluster = 3 }),
            });
        }));
        for (int turn = 1; turn <= 6; turn++)
        {
            scene.EndBackOff();
            Assert.Equal(turn == 5 ? UpdateOutcome.Averaged : UpdateOutcome.Rejected, (await scene.Step()).Outcome);
        }

        await scene.Logs.Logged(10, count: 3);
        Assert.Equal(3, scene.Logs.Of(10).Count);
        Assert.Single(scene.Logs.Of(11));
    }

    [Fact(Timeout = Limit)]
    public async Task Several_answers_to_one_request_end_the_connection_and_harm_nothing()
    {
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            MessageHeader request = await visit.Request();
            byte[] twice = [.. Answers.Good(request), .. Answers.Good(request)];
            await visit.Send(twice);
            await visit.UntilClosed();
        }));
        Assert.Equal(UpdateOutcome.Averaged, (await scene.Step()).Outcome);
        Assert.All(scene.Values, v => Assert.Equal(1.5f, v));
        await Eventually.Is(() => Inside.Open(scene.Node) == 0, "the connection is closed");
        await scene.Step();
        Assert.All(scene.Values, v => Assert.Equal(1.75f, v));
    }

    private static byte[] OtherModel(in MessageHeader request, byte[] layout) => request.Type == MessageType.LayoutRequest
        ? Frames.Of(Frames.Reply(request, MessageType.Layout, HostilePeer.Name) with { Fingerprint = 5 }, layout)
        : Frames.Of(Frames.Reply(request, MessageType.Refusal, HostilePeer.Name) with { Reason = RefusalReason.OtherModel, Fingerprint = 5 }, "no"u8.ToArray());

    private static async Task IsRejected(
        Func<MessageHeader, byte[]> answer, string kind, string? text = null, Func<DpwaOptions, DpwaOptions>? change = null, UpdateOutcome outcome = UpdateOutcome.Rejected)
    {
        await using var scene = new HostileScene(
            new HostilePeer(async visit =>
            {
                while (true)
                    await visit.Send(answer(await visit.Request()));
            }),
            change);
        await scene.IsRejected(outcome, kind, text);
    }
}
