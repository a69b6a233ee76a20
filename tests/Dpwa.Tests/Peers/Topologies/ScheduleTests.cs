using CsCheck;
using Dpwa.Peers.Topologies;

namespace Dpwa.Tests.Peers.Topologies;

/// <summary>The formulas of METHODS.md ("Who with"), for any number of nodes.</summary>
public sealed class ScheduleTests
{
    private static readonly Topology[] Scheduled = [Topology.Matching, Topology.Ring, Topology.Exponential, Topology.Hypercube];

    private static ISchedule Schedule(Topology topology, int? seed = null, string cluster = "") =>
        Schedules.Of(new DpwaOptions { Topology = topology, Seed = seed, Cluster = cluster })!;

    private static int[] Partners(ISchedule schedule, long round, int count) => [.. Enumerable.Range(0, count).Select(i => schedule.Partner(round, i, count))];

    [Fact]
    public void Where_every_node_draws_for_itself_there_is_no_schedule()
    {
        Assert.Null(Schedules.Of(new DpwaOptions()));
        Assert.Null(Schedules.Of(new DpwaOptions { Topology = Topology.Graph }));
    }

    [Fact]
    public void A_pair_is_a_pair_from_both_sides_and_nobody_is_his_own_partner() =>
        Gen.Select(Gen.OneOf([.. Scheduled.Select(Gen.Const)]), Gen.Long[1, 1L << 40], Gen.Int[1, 300]).Sample((topology, round, count) =>
        {
            ISchedule schedule = Schedule(topology);
            int[] partners = Partners(schedule, round, count);
            for (int i = 0; i < count; i++)
            {
                Assert.NotEqual(i, partners[i]);
                if (schedule.IsPaired && partners[i] is >= 0 and var j && j < count)
                    Assert.Equal(i, partners[j]);
            }
        });

    [Theory]
    [InlineData((int)Topology.Matching)]
    [InlineData((int)Topology.Ring)]
    public void Of_an_odd_number_one_idles_and_of_an_even_one_nobody(int topology)
    {
        for (int count = 1; count < 40; count++)
        {
            for (long round = 1; round < 50; round++)
                Assert.Equal(count % 2, Partners(Schedule((Topology)topology), round, count).Count(p => p == ISchedule.Idle));
        }
    }

    [Fact]
    public void A_matching_is_the_same_for_all_who_share_seed_and_cluster_and_another_for_others()
    {
        ISchedule one = Schedule(Topology.Matching, seed: 3, "blue");
        Assert.Equal(Partners(one, 5, 64), Partners(Schedule(Topology.Matching, seed: 3, "blue"), 5, 64));
        Assert.NotEqual(Partners(one, 5, 64), Partners(one, 6, 64));
        Assert.NotEqual(Partners(one, 5, 64), Partners(Schedule(Topology.Matching, seed: 4, "blue"), 5, 64));
        Assert.NotEqual(Partners(one, 5, 64), Partners(Schedule(Topology.Matching, seed: 3, "red"), 5, 64));
        Assert.Equal(Partners(Schedule(Topology.Matching), 5, 64), Partners(Schedule(Topology.Matching, seed: 0), 5, 64));
    }

    [Fact]
    public void In_a_matching_everybody_is_as_likely()
    {
        const int count = 8, rounds = 21_000;
        ISchedule schedule = Schedule(Topology.Matching);
        int[] drawn = new int[count];
        for (long round = 1; round <= rounds; round++)
            drawn[schedule.Partner(round, 3, count)]++;

        // 3,000 ± 6 standard deviations of each other one.
        Assert.Equal(0, drawn[3]);
        Assert.All(drawn.Where((_, i) => i != 3), d => Assert.InRange(d, 2690, 3310));
    }

    [Fact]
    public void Neighbours_on_a_ring_take_turns()
    {
        Assert.Equal([1, 0, 3, 2, 5, 4], Partners(new RingSchedule(), 2, 6));
        Assert.Equal([5, 2, 1, 4, 3, 0], Partners(new RingSchedule(), 3, 6));
        Assert.Equal([1, 0], Partners(new RingSchedule(), 3, 2));
    }

    [Fact]
    public void On_an_odd_ring_the_one_left_over_moves_around_and_every_link_is_used_as_often()
    {
        const int count = 7;
        Assert.Equal([6, 2, 1, 4, 3, ISchedule.Idle, 0], Partners(new RingSchedule(), 6, count));
        Assert.Equal([1, 0, 3, 2, 5, 4, ISchedule.Idle], Partners(new RingSchedule(), 7, count));

        int[] next = new int[count], idle = new int[count];
        for (long round = 1; round <= count; round++)
        {
            int[] partners = Partners(new RingSchedule(), round, count);
            for (int i = 0; i < count; i++)
            {
                if (partners[i] == (i + 1) % count)
                    next[i]++;
                else if (partners[i] == ISchedule.Idle)
                    idle[i]++;
                else
                    Assert.Equal((i + count - 1) % count, partners[i]);
            }
        }

        Assert.All(next, n => Assert.Equal(3, n));
        Assert.All(idle, n => Assert.Equal(1, n));
    }

    [Fact]
    public void Exponential_steps_double_and_begin_again()
    {
        Assert.False(new ExponentialSchedule().IsPaired);
        Assert.Equal([1, 2, 4, 8, 1], Enumerable.Range(4, 5).Select(round => new ExponentialSchedule().Partner(round, 0, 12)));
        Assert.Equal([3, 4, 6, 10], Enumerable.Range(4, 4).Select(round => new ExponentialSchedule().Partner(round, 2, 12)));
        Assert.Equal([0, 1, 3, 7], Enumerable.Range(4, 4).Select(round => new ExponentialSchedule().Partner(round, 11, 12)));
    }

    [Fact]
    public void A_hypercube_takes_one_dimension_a_round()
    {
        Assert.Equal([1, 0, 3, 2, 5, 4, 7, 6], Partners(new HypercubeSchedule(), 3, 8));
        Assert.Equal([2, 3, 0, 1, 6, 7, 4, 5], Partners(new HypercubeSchedule(), 4, 8));
        Assert.Equal([4, 5, 6, 7, 0, 1, 2, 3], Partners(new HypercubeSchedule(), 5, 8));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    [InlineData(8, 3)]
    [InlineData(12, 4)]
    [InlineData(10_000, 14)]
    public void Dimensions_are_the_logarithm_rounded_up(int count, int dimensions) => Assert.Equal(dimensions, Schedules.Dimensions(count));

    [Fact]
    public void Of_a_pair_the_smaller_index_asks()
    {
        var ring = new RingSchedule();
        Assert.Equal(new Turn(TurnKind.Ask, 1), Turn.Of(ring, 2, 0, 4));
        Assert.Equal(new Turn(TurnKind.Answer, 0), Turn.Of(ring, 2, 1, 4));
        Assert.Equal(new Turn(TurnKind.Answer, 0), Turn.Of(ring, 3, 3, 4));
        Assert.Equal(TurnKind.Idle, Turn.Of(ring, 3, 2, 3).Kind);
    }

    [Fact]
    public void Where_partners_are_not_mutual_everybody_asks() => Assert.Equal(new Turn(TurnKind.Ask, 3), Turn.Of(new ExponentialSchedule(), 2, 7, 8));

    [Fact]
    public void Whoever_the_schedule_does_not_fit_is_free_to_draw()
    {
        Assert.Equal(TurnKind.Free, Turn.Of(null, 1, 0, 8).Kind);
        Assert.Equal(TurnKind.Free, Turn.Of(new HypercubeSchedule(), 3, 6, 7).Kind);
        Assert.Equal(TurnKind.Free, Turn.Of(new RingSchedule(), 3, -1, 7).Kind);
    }
}
