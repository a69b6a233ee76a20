using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Guard;

/// <summary><c>quarantine</c>: who keeps sending what is bad is left alone for a time.</summary>
public class QuarantineTests
{
    private static readonly QuarantineOptions Three = new(3, TimeSpan.FromMinutes(5));

    /// <summary>Over real sockets: three damaged answers, then no connection is made any more until the time is over.</summary>
    [Fact(Timeout = 60_000)]
    public async Task A_peer_that_sends_damaged_payloads_is_left_alone_and_asked_again_later()
    {
        var evil = new HostilePeer(async visit =>
        {
            byte[] answer = Answers.Good(await visit.Request());
            answer[^1] ^= 1;
            await visit.Send(answer);
            await visit.UntilClosed();
        });
        await using var scene = new HostileScene(evil, o => o with { Quarantine = Three });
        for (int i = 1; i <= 3; i++)
        {
            Assert.Equal(UpdateOutcome.Rejected, (await scene.Step()).Outcome);
            Assert.Equal(i, scene.Evil.BadPayloads);
            if (i < 3)
                scene.EndBackOff();
        }

        Assert.Equal(PeerState.Quarantined, scene.Evil.State);
        await scene.Logs.Logged(17);
        Assert.Contains("evil is in quarantine: nothing is exchanged with it for 300 s, after", Assert.Single(scene.Logs.Of(17)), StringComparison.Ordinal);
        int connections = evil.Connections;
        scene.Skip(TimeSpan.FromMinutes(4));
        Assert.Equal(UpdateOutcome.NoPeer, (await scene.Step()).Outcome);
        Assert.Equal(connections, evil.Connections);
        scene.Skip(TimeSpan.FromMinutes(2));
        Assert.Equal(UpdateOutcome.Rejected, (await scene.Step()).Outcome);
        Assert.Equal(PeerState.BackingOff, scene.Evil.State);
    }

    [Theory]
    [InlineData(FailureKind.Broken)]
    [InlineData(FailureKind.TimedOut)]
    [InlineData(FailureKind.OtherModel)]
    [InlineData(FailureKind.Unreachable)]
    public void A_peer_that_only_dies_or_is_slow_is_not_bad(FailureKind kind) => Assert.False(new Failure(kind, "").IsBadPayload);

    [Fact]
    public void A_good_payload_makes_up_for_a_bad_one()
    {
        var peer = new PeerRecord(1);
        for (int i = 0; i < 10; i++)
        {
            Assert.False(peer.WasBad(default, Three));
            Assert.False(peer.WasBad(default, Three));
            peer.WasGood();
            peer.WasGood();
        }

        Assert.False(peer.WasBad(default, Three));
        Assert.False(peer.WasBad(default, Three));
        Assert.True(peer.WasBad(default, Three));
        Assert.Equal(23, peer.BadPayloads);
        peer.Heard(TimeSpan.FromMinutes(1), incarnation: 7);
        Assert.False(peer.IsAvailable(TimeSpan.FromMinutes(1)));
        Assert.True(peer.IsAvailable(TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void Without_the_option_it_is_only_counted()
    {
        var peer = new PeerRecord(1);
        for (int i = 0; i < 100; i++)
            Assert.False(peer.WasBad(default, quarantine: null));
        Assert.True(peer.IsAvailable(default));
        Assert.Equal(100, peer.BadPayloads);
    }

    /// <summary>A peer that is always too far away, and pushes: it is neither asked nor listened to, and the others go on.</summary>
    [Theory]
    [InlineData(ExchangeKind.Pull, DeltaExcess.Reject)]
    [InlineData(ExchangeKind.Pull, DeltaExcess.Clip)]
    [InlineData(ExchangeKind.Push, DeltaExcess.Reject)]
    public void A_poisoner_is_found_out(ExchangeKind kind, DeltaExcess excess)
    {
        var options = new DpwaOptions
        {
            Nodes = [.. Enumerable.Range(0, 4).Select(i => new DpwaNode($"w{i}", "virtual", i + 1))],
            Timeout = TimeSpan.FromMilliseconds(200),
            Exchange = kind,
            MaxDeltaNorm = new(10, excess),
            Quarantine = new(3, TimeSpan.FromHours(1)),
        };
        var cluster = new VirtualCluster(options, ParameterLayout.Flat(2), seed: 3);
        for (int step = 0; step < 100; step++)
        {
            cluster.Model(3).Values().Fill(1000);
            for (int i = 0; i < 4; i++)
                cluster.UpdateSend(i, 1);
            cluster.Run(TimeSpan.FromSeconds(1));
            for (int i = 0; i < 4; i++)
                cluster.UpdateWait(i, 1);
        }

        for (int i = 0; i < 3; i++)
        {
            // The options are everyone's, so to the poisoner the others are far away, and it leaves alone those whom it finds out first.
            PeerStatus poisoner = cluster.Node(i).Peers(cluster.Now).Single(p => p.Name == "w3");
            bool isAlone = cluster.Node(3).Peers(cluster.Now).Single(p => p.Name == $"w{i}").State == PeerState.Quarantined;
            Assert.True(poisoner.State == PeerState.Quarantined || isAlone, $"{i}: {poisoner}");
            Assert.InRange(excess == DeltaExcess.Clip ? poisoner.Clipped : poisoner.BadPayloads, 1, 3);
            Assert.InRange(cluster.Model(i).Values()[0], 0, excess == DeltaExcess.Clip ? 100 : 0);
            Assert.All(cluster.Node(i).Peers(cluster.Now).Where(p => p.Name != "w3"), p => Assert.Equal(PeerState.Available, p.State));
        }
    }
}
