using Dpwa.Protocol;
using Dpwa.Security;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Hostile;

public class HostileClientTests : HostileClientSuite
{
    /// <summary>Without encryption nobody is authenticated: a forged goodbye delays, but only until the peer is heard of.</summary>
    [Fact(Timeout = 60_000)]
    public async Task A_forged_goodbye_is_undone_by_the_peers_next_request()
    {
        await using HostileScene scene = await HostileScene.Published();
        await scene.GoesOn();
        using RawClient client = await RawClient.Connect(scene.Port);
        await client.Send(Frames.Request(MessageType.Goodbye, "good"));
        await client.UntilClosed();
        Assert.Equal(PeerState.Left, scene.Node.Peers.Single().State);
        Assert.Equal(UpdateOutcome.NoPeer, (await scene.Step()).Outcome);
        using RawClient good = await RawClient.Connect(scene.Port);
        await good.Send(Frames.Request(MessageType.Ping, "good"));
        await good.Receive();
        Assert.Equal(PeerState.Available, scene.Node.Peers.Single().State);
    }
}

/// <summary>Members that misbehave: that they have a certificate changes nothing.</summary>
public class HostileMemberTests : HostileClientSuite
{
    private static readonly NodeIdentity Client = Identities.Of("client");

    private protected override Task<RawClient> Connect(HostileScene scene) => RawClient.Connect(scene.Port, Client);

    protected override DpwaOptions Secure(DpwaOptions options) => options with { ClusterKey = Identities.Source };

    /// <summary>A handshake takes its time when it is the first of the process.</summary>
    protected override DpwaOptions Impatient(DpwaOptions options) => options with { Timeout = TimeSpan.FromSeconds(1) };
}
