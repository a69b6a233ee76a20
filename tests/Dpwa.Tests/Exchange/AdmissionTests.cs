using Dpwa.Averaging;
using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Exchange;

/// <summary>Who may hold a connection when there are more than may be: strangers make room for strangers only, and a member's place is for members.</summary>
public class AdmissionTests
{
    private const int Most = 4;
    private readonly GossipNode _node;
    private readonly List<long> _closed = [];

    public AdmissionTests()
    {
        var options = new DpwaOptions { Nodes = [.. Enumerable.Range(0, 10).Select(i => new DpwaNode($"w{i}", "h", 1 + i))], Seed = 1, MaxConnections = Most, Timeout = TimeSpan.FromSeconds(60) };
        _node = new GossipNode("w0", options, new Membership(options.Nodes), new Random(1), 5);
    }

    [Fact]
    public void A_stranger_makes_room_for_the_next_once_it_has_had_the_time_to_speak()
    {
        long[] first = [.. Enumerable.Range(0, Most).Select(i => Connect(i))];
        Assert.Equal(0, Connect(99));
        Assert.Empty(_closed);
        Assert.NotEqual(0, Connect(100));
        Assert.Equal([first[0]], _closed);

        // The next has been there for a millisecond less.
        Assert.Equal(0, Connect(100));
        Assert.NotEqual(0, Connect(101));
        Assert.Equal(first[..2], _closed);
    }

    /// <summary>A thousand a second, for a minute in which the members say nothing.</summary>
    [Fact]
    public void A_flood_of_strangers_closes_no_link_of_a_member()
    {
        long[] members = [.. Enumerable.Range(1, Most).Select(i => Member($"w{i}", i))];
        int taken = 0;
        for (int ms = 10; ms < 60_000; ms++)
            taken += Connect(ms) != 0 ? 1 : 0;
        Assert.Equal(taken - Most, _closed.Count);
        Assert.InRange(taken, 2 * Most, Most * 600);
        Assert.DoesNotContain(_closed, members.Contains);
        Assert.All(members, link => Assert.True(IsAnswered(link, "w1", 60_000)));
    }

    [Fact]
    public void A_member_that_comes_in_a_flood_is_served()
    {
        for (int ms = 0; ms < 1000; ms++)
            Connect(ms);
        long link = Connect(2000);
        Assert.True(IsAnswered(link, "w1", 2001));
        _closed.Clear();
        for (int ms = 2001; ms < 3000; ms++)
            Connect(ms);
        Assert.DoesNotContain(link, _closed);
    }

    [Fact]
    public void A_member_takes_the_place_of_who_has_been_idle_for_the_longest()
    {
        long[] members = [.. Enumerable.Range(1, Most).Select(i => Member($"w{i}", i))];
        Assert.True(IsAnswered(members[0], "w1", 50));
        long next = Connect(60);
        Assert.Empty(_closed);
        Assert.True(IsAnswered(next, "w9", 61));
        Assert.Equal([members[1]], _closed);
    }

    [Fact]
    public void Who_is_no_member_takes_no_members_place_and_loses_its_own_to_one()
    {
        long[] members = [.. Enumerable.Range(1, Most - 1).Select(i => Member($"w{i}", i))];
        long one = Member("somebody", 10);
        long another = Connect(20);
        Assert.True(IsAnswered(another, "somebody else", 21));
        Assert.Equal([one], _closed);
        Assert.True(IsAnswered(Connect(30), "w8", 31));
        Assert.Equal([one, another], _closed);
        long late = Connect(40);
        Assert.False(IsAnswered(late, "somebody", 41));
        Assert.Equal([one, another, late], _closed);
        Assert.DoesNotContain(_closed, members.Contains);
    }

    private static TimeSpan At(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>Somebody connects; 0 when turned away.</summary>
    private long Connect(int ms)
    {
        long link = _node.Accepted(At(ms));
        NoteClosed();
        return link;
    }

    private long Member(string name, int ms)
    {
        long link = Connect(ms);
        Assert.True(IsAnswered(link, name, ms));
        return link;
    }

    /// <summary>It asks for something; the answer leaves, if one is given.</summary>
    private bool IsAnswered(long link, string name, int ms)
    {
        _node.Received(At(ms), link, Frames.Request(MessageType.Ping, name), null);
        bool isAnswered = _node.Effects.Exists(e => e.Kind == EffectKind.Send && e.Connection == link);
        NoteClosed();
        if (isAnswered)
            _node.Sent(At(ms), link);
        return isAnswered;
    }

    private void NoteClosed()
    {
        _closed.AddRange(_node.Effects.Where(e => e.Kind == EffectKind.Close).Select(e => e.Connection));
        _node.Effects.Clear();
    }
}
