using Dpwa.Averaging;
using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Snapshots;

namespace Dpwa.Tests.Exchange;

/// <summary>How long an answer may take. Who serves it is always the more patient of the two, however their windows lie: so it never hangs up on a client that still waits, and the client can say why it gave up.</summary>
public class AnswerTimeTests
{
    private const int Timeout = 500;
    private const int Deadline = 10 * Timeout;
    private const long Enough = 64 * 1024;

    private readonly GossipNode _client = Node("w1");
    private readonly GossipNode _server = Node("w2");
    private readonly long _asked;
    private readonly long _serving;

    public AnswerTimeTests()
    {
        _server.UpdateSend(At(0), 1, new Snapshot(_server.Layout!));
        _server.Effects.Clear();
        _client.UpdateSend(At(0), 1, null);
        _asked = _client.Effects.Single(e => e.Kind == EffectKind.Connect).Connection;
        _client.Connected(At(0), _asked);
        _serving = _server.Accepted(At(0));
    }

    /// <summary>What the client takes for just enough: 64 KiB in each of its windows, but at the beginning of one and at the end of the next.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(250)]
    [InlineData(499)]
    public void A_client_that_is_content_is_not_hung_up_on(int delay)
    {
        Ask(delay);
        for (int ms = delay; ms < Deadline; ms++)
        {
            int now = ms;
            Tick(ms, Enough * Enumerable.Range(0, Deadline / Timeout).Count(k => (k % 2 == 0 ? k * Timeout + 1 : (k + 1) * Timeout - 1) <= now));
            Assert.Empty(_client.Effects);
            Assert.Empty(_server.Effects);
        }
    }

    [Fact]
    public void At_the_deadline_the_client_gives_up_and_the_server_a_time_out_later()
    {
        Ask(0);
        int ms = 0;
        for (; _client.Effects.Count == 0; ms++)
        {
            Tick(ms, ms * Enough);
            Assert.Empty(_server.Effects);
        }

        Assert.Equal(Deadline, ms - 1);
        Assert.Contains("was too slow within 5 s", Failure(_client).Text, StringComparison.Ordinal);
        for (; _server.Effects.Count == 0; ms++)
            Tick(ms, ms * Enough);
        Assert.Equal(Deadline + Timeout, ms - 1);
        Assert.Equal("a client reads too slowly", Failure(_server).Text);
    }

    /// <summary>Who reads nothing is hung up on when two time-outs have passed.</summary>
    [Fact]
    public void A_client_that_takes_nothing_is_hung_up_on()
    {
        Ask(0);
        int ms = 0;
        for (; _server.Effects.Count == 0; ms++)
            Tick(ms, Enough - 1);
        Assert.Equal(2 * Timeout, ms - 1);
        Assert.Contains(_server.Effects, e => e.Kind == EffectKind.Close && e.Connection == _serving);
        Assert.Equal(FailureKind.TimedOut, Failure(_server).Kind);
    }

    private static GossipNode Node(string name)
    {
        var options = new DpwaOptions { Nodes = [new("w1", "h", 1), new("w2", "h", 2)], Seed = 1, Timeout = At(Timeout), FetchProbability = name == "w1" ? 1 : 0 };
        return new GossipNode(name, options, new Membership(options.Nodes), new Random(1), 5) { Layout = ParameterLayout.Flat(1_000_000) };
    }

    private static TimeSpan At(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static Failure Failure(GossipNode node) => node.Effects.Single(e => e.Kind == EffectKind.Report).Report.Failure;

    /// <summary>The client's request, sent at 0, arrives then; the answer begins to leave.</summary>
    private void Ask(int delay)
    {
        _server.Received(At(delay), _serving, _client.Effects.Single(e => e.Kind == EffectKind.Send).Message.Header, null);
        Assert.True(_server.Effects.Single(e => e.Kind == EffectKind.Send).Message.Body is Snapshot);
        _client.Effects.Clear();
        _server.Effects.Clear();
    }

    /// <summary>So much has arrived, and is acknowledged; the server's clock is a little ahead.</summary>
    private void Tick(int ms, long moved)
    {
        _server.Progress(_serving, 0, moved);
        _server.Tick(At(ms));
        _client.Progress(_asked, moved, 0);
        _client.Tick(At(ms));
    }
}
