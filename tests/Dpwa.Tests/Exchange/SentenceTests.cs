using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Exchange;

/// <summary>Of whatever is not an average the reason says who, what, and what to do. Each kind of failure is brought about by a peer that does it.</summary>
public class SentenceTests
{
    private const int Limit = 60_000;

    /// <summary>What the peer does, what the sentence says of it, and what to do.</summary>
    private static readonly Dictionary<FailureKind, (Func<Visit, Task> Script, string What, string Do)> Scenarios = new()
    {
        [FailureKind.Closed] = (_ => Task.CompletedTask, "the connection", "its log may say why"),
        [FailureKind.Broken] = (async visit =>
        {
            await visit.Send(Answers.Part(await visit.Request(), -8));
        }, "in the middle of a message", "see its log and the link"),
        [FailureKind.TimedOut] = (visit => visit.Stall(), "did not answer within", "raise 'timeout_ms'"),
        [FailureKind.Protocol] = (visit => visit.Send(Enumerable.Repeat((byte)'H', MessageHeader.Size).ToArray()), "speaks another protocol", "same version of Dpwa"),
        [FailureKind.Checksum] = (Answer(request =>
        {
            byte[] answer = Answers.Good(request);
            answer[^1] ^= 1;
            return answer;
        }), "damaged on the way", "test that machine's memory"),
        [FailureKind.NotFinite] = (Answer(request => Answers.Snapshot(request, h => h, Frames.Payload([.. Answers.Values[1..], float.NaN]))), "a NaN or an infinity", "lower its learning rate"),
        [FailureKind.BadState] = (Answer(request => Answers.Snapshot(request, h => h with { Clock = -1 })), "has the clock -1", "see its loss"),
        [FailureKind.OtherModel] = (async visit =>
        {
            await Refuse(visit, RefusalReason.OtherModel, h => h with { Fingerprint = 5 });
            await visit.Send(Frames.Of(Frames.Reply(await visit.Request(), MessageType.Layout, HostilePeer.Name), ParameterLayout.Flat(7).Encode()));
        }, "runs another model: tensor", "build the same model"),
        [FailureKind.OtherCluster] = (visit => Refuse(visit, RefusalReason.OtherCluster), "belongs to another cluster", "the same 'cluster'"),
        [FailureKind.OtherNode] = (visit => Refuse(visit, RefusalReason.OtherNode), "another node answers at the address of", "one configuration for all nodes"),
        [FailureKind.Stale] = (Answer(request => Answers.Snapshot(request, h => h with { AgeMicroseconds = 90_000_000 })), "published 90 s ago, more than max_staleness", "raise 'max_staleness'"),
        [FailureKind.NotReady] = (visit => Refuse(visit, RefusalReason.NotReady), "has published nothing yet", "with its first UpdateSend"),
        [FailureKind.Busy] = (visit => Refuse(visit, RefusalReason.Busy), "is busy", "raise 'max_serves'"),
        [FailureKind.Leaving] = (visit => Refuse(visit, RefusalReason.Leaving), "is leaving", "start it again"),
        [FailureKind.NotAuthenticated] = (visit => Refuse(visit, RefusalReason.NotAuthenticated, h => h with { Flags = (uint)IdentityFault.Expired }), "has expired", "'dpwa cert --renew'"),
    };

    /// <summary>What cannot be done by a script on a socket: nobody listens, or there is no socket.</summary>
    private static readonly FailureKind[] OnTheirOwn = [FailureKind.None, FailureKind.Unreachable, FailureKind.NotShared];

    public static TheoryData<FailureKind> Kinds => [.. Enum.GetValues<FailureKind>().Except(OnTheirOwn)];

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Kinds))]
    public async Task Every_kind_of_failure(FailureKind kind)
    {
        Assert.True(Scenarios.TryGetValue(kind, out var scenario), $"{kind} is new: say what to do about it, and bring it about here");
        await using var scene = new HostileScene(
            new HostilePeer(async visit =>
            {
                await scenario.Script(visit);
                if (kind is not (FailureKind.Closed or FailureKind.Broken))
                    await visit.UntilClosed();
            }),
            o => (kind == FailureKind.TimedOut ? HostileScene.Impatient(o) : o) with { MaxStaleness = TimeSpan.FromSeconds(60) });
        UpdateResult result = await scene.Step();
        Says(result, new Failure(kind, "").Outcome, $"{HostilePeer.Name} at 127.0.0.1", scenario.What, scenario.Do);
    }

    [Fact(Timeout = Limit)]
    public async Task A_peer_that_is_not_there()
    {
        var evil = new HostilePeer(_ => Task.CompletedTask);
        await evil.DisposeAsync();
        await using var scene = new HostileScene(evil: null);
        scene.Node.AddPeer(evil.Node);
        Says(await scene.Step(), UpdateOutcome.NoPeer, $"{HostilePeer.Name} at 127.0.0.1", "cannot be reached", "see that it runs");

        // All are down: who and why is said again.
        UpdateResult again = await scene.Step();
        Says(again, UpdateOutcome.NoPeer, $"{HostilePeer.Name} at 127.0.0.1", "no peer may be asked now", "see that it runs");
    }

    [Fact(Timeout = Limit)]
    public async Task No_shared_memory_where_nothing_else_may_be_used()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Shared memory is Linux's.");
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            await Refuse(visit, RefusalReason.NotShared);
            await visit.UntilClosed();
        }), o => o with { Transport = TransportChoice.SharedMemory });
        Says(await scene.Step(), UpdateOutcome.Rejected, $"{HostilePeer.Name} at 127.0.0.1", "shares no memory", "'transport: auto'");
    }

    [Fact(Timeout = Limit)]
    public async Task Nobody_else_in_the_configuration()
    {
        await using var scene = new HostileScene(evil: null);
        Says(await scene.Step(), UpdateOutcome.NoPeer, "this worker is alone in its configuration", "there is no peer", "name the others under 'nodes'");
    }

    [Fact(Timeout = Limit)]
    public async Task A_peer_that_is_too_far_away()
    {
        await using var scene = new HostileScene(new HostilePeer(Answer(request => Answers.Good(request))), o => o with { MaxDeltaNorm = new DeltaLimit(0.5, DeltaExcess.Reject) });
        Says(await scene.Step(), UpdateOutcome.Rejected, HostilePeer.Name, "are 10 away from mine, more than max_delta_norm (0.5)", "UpdateResult.DeltaNorm");
    }

    [Fact(Timeout = Limit)]
    public async Task A_factor_method_that_gives_no_factor()
    {
        await using var scene = new HostileScene(new HostilePeer(Answer(request => Answers.Good(request))), o => o with { Interpolation = "wild", Extensions = DpwaExtensions.None.Add(new Wild()) });
        Says(await scene.Step(), UpdateOutcome.Rejected, HostilePeer.Name, "factor method 'wild' gave 2, which is not in [0, 1]", "is to be mended");
    }

    /// <summary>Every refusal that a node may send is one of the kinds above, or is turned to another way of fetching.</summary>
    [Theory]
    [MemberData(nameof(Refusals))]
    public void Every_refusal_has_a_kind_of_its_own(RefusalReason reason) =>
        Assert.True(Enum.TryParse(reason.ToString(), out FailureKind kind) && (Scenarios.ContainsKey(kind) || OnTheirOwn.Contains(kind)), $"{reason} is new: give it a kind of failure, and bring it about here");

    public static TheoryData<RefusalReason> Refusals => [.. Enum.GetValues<RefusalReason>().Except([RefusalReason.None, RefusalReason.Unsupported])];

    /// <summary>A peer of an older version refuses what it does not know with words of its own, which are not to be trusted.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_refusal_of_what_the_peer_does_not_know()
    {
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            MessageHeader request = await visit.Request();
            await visit.Send(Frames.Of(Frames.Reply(request, MessageType.Refusal, HostilePeer.Name) with { Reason = RefusalReason.Unsupported }, "no\nsuch"u8.ToArray()));
            await visit.UntilClosed();
        }));
        Says(await scene.Step(), UpdateOutcome.Rejected, $"{HostilePeer.Name} at 127.0.0.1", "refused: no", "same version of Dpwa");
    }

    /// <summary>One line when it fails and one when it recovers, in whichever ways it is away.</summary>
    [Fact]
    public void A_peer_that_is_gone_is_news_once_and_what_is_wrong_with_it_when_it_is_back_is_news_too()
    {
        var peer = new Dpwa.Peers.PeerRecord(1);
        var random = new Random(1);
        bool Fails(FailureKind kind) => peer.Failed(TimeSpan.Zero, new Failure(kind, "w2 failed"), TimeSpan.Zero, random);
        Assert.Equal([true, false, false, false], new[] { FailureKind.Closed, FailureKind.Unreachable, FailureKind.TimedOut, FailureKind.Broken }.Select(Fails));
        Assert.Equal([true, false, false], new[] { FailureKind.OtherModel, FailureKind.OtherModel, FailureKind.Closed }.Select(Fails));
        Assert.True(peer.Succeeded(TimeSpan.Zero, 1));
        Assert.True(Fails(FailureKind.Unreachable));
    }

    private static void Says(in UpdateResult result, UpdateOutcome outcome, string who, string what, string toDo)
    {
        Assert.True(outcome == result.Outcome, $"{result.Outcome}: {result.Reason}");
        Assert.Contains(who, result.Reason, StringComparison.Ordinal);
        Assert.Contains(what, result.Reason, StringComparison.Ordinal);
        Assert.Contains(toDo, result.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", result.Reason, StringComparison.Ordinal);
    }

    private static Func<Visit, Task> Answer(Func<MessageHeader, byte[]> answer) => async visit => await visit.Send(answer(await visit.Request()));

    private static async Task Refuse(Visit visit, RefusalReason reason, Func<MessageHeader, MessageHeader>? change = null)
    {
        MessageHeader refusal = Frames.Reply(await visit.Request(), MessageType.Refusal, HostilePeer.Name) with { Reason = reason };
        await visit.Send(Frames.Of(change?.Invoke(refusal) ?? refusal));
    }

    private sealed class Wild : Dpwa.Averaging.IFactorMethod
    {
        public string Name => "wild";

        public bool UsesLoss => false;

        public double Factor(in Dpwa.Averaging.FactorContext context) => 2;
    }
}
