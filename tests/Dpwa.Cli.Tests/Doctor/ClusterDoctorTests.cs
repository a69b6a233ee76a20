using Dpwa.Cli.Tests.Support;
using Dpwa.Launch.Certificates;
using Dpwa.Launch.Doctor;
using Dpwa.Launch.Probe;
using Dpwa.Launch.Watch;
using Microsoft.Extensions.Time.Testing;

namespace Dpwa.Cli.Tests.Doctor;

public class ClusterDoctorTests
{
    private const string NoWay = "it cannot be reached: no route", OtherModel = "w3 runs another model: tensor conv1.weight is [64,3,3,3] here and [32,3,3,3] there";
    private static readonly FakeTimeProvider Time = new();

    private readonly Dictionary<string, NodeView> _nodes = [];

    public ClusterDoctorTests()
    {
        foreach (var name in (string[])["w1", "w2", "w3", "w4"])
        {
            _nodes[name] = new(new(name, $"host-{name}", 45_000), WatchState.Running, Time.GetUtcNow())
            {
                Status = Watch.FakeNode.Fresh(name, Time) with { SnapshotBytes = 10_000_000 },
                ClockOffset = TimeSpan.Zero,
                RoundTrip = TimeSpan.FromMilliseconds(2),
            };
        }

        foreach (var from in _nodes.Keys.ToArray())
        {
            foreach (var to in _nodes.Keys.Where(to => to != from)) See(from, to, peer => peer);
        }
    }

    [Fact]
    public void Where_all_is_well_there_is_nothing_to_say()
    {
        Assert.Empty(Examine());
        Assert.Equal(12, ClusterDoctor.LinksOf(View()).Count);
    }

    [Fact]
    public void A_version_that_most_do_not_have_and_a_clock_that_is_wrong_are_told()
    {
        _nodes["w2"] = _nodes["w2"] with { Status = _nodes["w2"].Status! with { Version = "2.0.0" }, ClockOffset = TimeSpan.FromSeconds(-75) };
        _nodes["w3"] = _nodes["w3"] with { ClockOffset = TimeSpan.FromSeconds(2.5), RoundTrip = TimeSpan.FromSeconds(2) };

        var found = Examine();

        Assert.All(found, finding => Assert.Equal(("w2", false), (finding.Node, finding.IsProblem)));
        Assert.Equal("It runs version 2.0.0 of Dpwa, and w1, w3 and w4 1.0.0: install the same version everywhere.", found[0].Text);
        Assert.StartsWith("Its clock is 75.0 s behind this machine's (known to 0.001 s)", found[1].Text);
        Assert.Equal(2, found.Count);
    }

    [Theory]
    [InlineData("w1 w2 w4", "The other way it works")]
    [InlineData("w1", "The other way it works: does the firewall of w3 let port 45000 in from there?")]
    public void Who_can_be_reached_the_other_way_only_has_a_firewall(string askers, string advice)
    {
        // w3 can reach them; that nobody reaches it says more.
        foreach (var asker in askers.Split(' ')) See(asker, "w3", peer => peer with { State = PeerState.BackingOff, LastError = NoWay });

        var finding = Assert.Single(Examine());

        Assert.Equal(("w3", true), (finding.Node, finding.IsProblem));
        Assert.Contains(askers == "w1" ? "the last try of w1 to exchange" : "the last try of w1, w2 and w4 to exchange", finding.Text);
        Assert.Contains(askers == "w1" ? advice : "No other node reaches it: is host-w3 the address by which they know it, and does its firewall let port 45000 in", finding.Text);
    }

    [Fact]
    public void Two_that_do_not_reach_each_other_have_something_between_them_and_another_model_is_no_matter_of_the_network()
    {
        See("w1", "w2", peer => peer with { State = PeerState.BackingOff, LastError = NoWay });
        See("w2", "w1", peer => peer with { State = PeerState.BackingOff, LastError = NoWay });
        See("w4", "w3", peer => peer with { State = PeerState.BackingOff, LastError = OtherModel });

        var found = Examine();

        Assert.Equal(["w1", "w2", "w3"], found.Select(finding => finding.Node));
        Assert.EndsWith("Look at what is between the two: the route, a firewall, an address that means another machine there.", found[0].Text);
        Assert.EndsWith("[32,3,3,3] there.", found[2].Text);
    }

    [Fact]
    public void What_failed_once_and_is_tried_again_is_no_problem_and_a_node_that_does_not_run_is_not_blamed_twice()
    {
        See("w1", "w2", peer => peer with { LastError = NoWay });
        foreach (var asker in (string[])["w1", "w2", "w4"]) See(asker, "w3", peer => peer with { State = PeerState.BackingOff, LastError = NoWay });
        _nodes["w3"] = _nodes["w3"] with { State = WatchState.NotAnswering };

        Assert.Equal(("w2", false), Examine().Select(finding => (finding.Node, finding.IsProblem)).Single());
    }

    [Fact]
    public void A_link_at_a_tenth_of_the_speed_of_the_others_is_slow_and_bad_payloads_are_told()
    {
        See("w4", "w1", peer => peer with { Throughput = 2e6 });
        See("w2", "w3", peer => peer with { State = PeerState.Quarantined, BadPayloads = 5, LastError = "not finite" });

        var found = Examine();

        Assert.Equal(("w3", true), (found[0].Node, found[0].IsProblem));
        Assert.StartsWith("w2 leaves it alone for a time, because it sent 5 payloads that cannot be used", found[0].Text);
        Assert.Equal(("w4", false), (found[1].Node, found[1].IsProblem));
        Assert.StartsWith("Parameters of w1 come at 2 MB/s, where half of the links have 100 MB/s or more: a model of 10 MB takes 5 s.", found[1].Text);
    }

    [Fact]
    public void Who_was_started_with_another_file_knows_others_or_looks_for_them_elsewhere()
    {
        _nodes["w1"] = _nodes["w1"] with { Status = _nodes["w1"].Status! with { Peers = [.. _nodes["w1"].Status!.Peers.Where(peer => peer.Name != "w4")] } };
        See("w2", "w3", peer => peer with { Endpoint = "10.0.0.3:45002" });

        var found = Examine();

        Assert.All(found, finding => Assert.False(finding.IsProblem));
        Assert.StartsWith("It does not know w4: was it started with another configuration?", found[0].Text);
        Assert.StartsWith("It looks for w3 at 10.0.0.3:45002, and this configuration has it at host-w3:45000:", found[1].Text);
    }

    [Fact]
    public void Who_fails_more_often_than_not_says_why()
    {
        _nodes["w2"] = _nodes["w2"] with { Status = _nodes["w2"].Status! with { Outcomes = [9, 100, 0, 12] }, LastFailure = new ExchangeRecord(1, default, 1, UpdateOutcome.TimedOut, "w1", 0, 0, 1, "w1 is slow") };

        Assert.Equal("Of the 21 steps in which it was to exchange, 12 brought nothing; the last of them: w1 is slow.", Assert.Single(Examine()).Text);
    }

    [Fact]
    public void A_certificate_that_expires_soon_or_is_missing_is_told()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        new CertificateFolder(folder.Location, time).Fill(["w1"], days: 30, renew: false);
        var options = new DpwaOptions
        {
            Nodes = [new("w1", "127.0.0.1", 1), new("w2", "127.0.0.1", 2)],
            Tls = new(folder["authority.pem"], folder["{name}.pem"], folder["{name}.key"]),
            TimeProvider = time,
        };

        Assert.Empty(IdentityCheck.Run(options, Reports("w1")));
        time.Advance(TimeSpan.FromDays(20));
        var found = IdentityCheck.Run(options, Reports("w1", "w2", "far"));

        Assert.Equal([("w1", false), ("w2", true)], found.Select(finding => (finding.Node, finding.IsProblem)));
        Assert.Contains("'dpwa cert FOLDER --renew'", found[0].Text);
        Assert.Contains("w2.pem", found[1].Text);
        Assert.StartsWith("It cannot prove who it is: ", found[1].Text);
        var running = Assert.Single(IdentityCheck.Run(options, Reports("w2").Select(report => report with { Greeting = new("w2", 1, 1, 1) })));
        Assert.False(running.IsProblem);
        Assert.StartsWith("When it is started again, it cannot prove who it is: ", running.Text);
    }

    private static IEnumerable<NodeReport> Reports(params string[] names) => names.Select(name => new NodeReport(new(name, "127.0.0.1", 1), NodeState.NotRunning, [], IsLocal: name != "far", []));

    private IReadOnlyList<Finding> Examine() => ClusterDoctor.Examine(View());

    private ClusterView View() => new(Time.GetUtcNow(), [.. _nodes.Values]);

    private void See(string from, string to, Func<PeerStatus, PeerStatus> change)
    {
        var status = _nodes[from].Status!;
        var well = new PeerStatus(to, $"host-{to}:45000", 1000, PeerState.Available, null, 1, 1, 10, 0) { Latency = TimeSpan.FromMilliseconds(1), Throughput = 1e8 };
        var peers = status.Peers.Any(peer => peer.Name == to) ? status.Peers : [.. status.Peers, well];
        _nodes[from] = _nodes[from] with { Status = status with { Peers = [.. peers.Select(peer => peer.Name == to ? change(peer) : peer)] } };
    }
}
