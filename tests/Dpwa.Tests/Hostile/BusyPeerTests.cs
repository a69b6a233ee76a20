using System.Collections.Concurrent;
using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Hostile;

/// <summary>Who agrees to a swap and is then too busy to give what it promised.</summary>
public class BusyPeerTests
{
    private const int Limit = 60_000;

    /// <summary>What one peer promised is asked of no other, who would be blamed for not having it; and the first is told that nothing comes of it.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_swap_that_ends_with_busy_is_over_and_is_not_continued_with_another_peer()
    {
        var seen = new ConcurrentQueue<(string Peer, MessageType Type, ulong Sequence, uint Flags)>();
        await using HostilePeer second = Busy("other");
        await using var scene = new HostileScene(Busy(HostilePeer.Name), o => o with { Exchange = ExchangeKind.Swap, Apply = ApplyForm.Delta });
        scene.Node.AddPeer(second.Node with { Name = "other" });

        UpdateResult result = await scene.Step();

        Assert.Equal(0, result.Factor);
        await Eventually.Is(() => seen.Any(s => s.Type == MessageType.Receipt), "the peer is told that nothing comes of the swap");
        string peer = seen.First().Peer;
        Assert.Equal([(peer, MessageType.Offer), (peer, MessageType.Fetch), (peer, MessageType.Receipt)], seen.Select(s => (s.Peer, s.Type)));
        Assert.Equal((uint)OfferFate.NotApplied, seen.Last().Flags);
        Assert.All(scene.Node.Peers, p => Assert.Equal((0L, 0L), (p.Failures, p.BadPayloads)));
        await Eventually.NothingIsLeased(scene.Node);

        HostilePeer Busy(string name) => new(async visit =>
        {
            while (true)
            {
                MessageHeader request = await visit.Request();
                seen.Enqueue((name, request.Type, request.Sequence, request.Flags));
                if (request.Type == MessageType.Offer)
                    await visit.Send(Frames.Reply(request, MessageType.Accepted, name) with { Sequence = 42 });
                else if (request.Type == MessageType.Fetch)
                    await visit.Send(Frames.Reply(request, MessageType.Refusal, name) with { Reason = RefusalReason.Busy });
            }
        });
    }
}
