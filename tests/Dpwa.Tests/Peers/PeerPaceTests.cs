using CsCheck;
using Dpwa.Peers;

namespace Dpwa.Tests.Peers;

/// <summary>How long a peer is waited for, as what has been observed of it says.</summary>
public class PeerPaceTests
{
    private const long Megabyte = 1_000_000;
    private static readonly TimeSpan Floor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Anything that may happen to it: an answer, a body, a time-out.</summary>
    private static readonly Gen<(int Kind, TimeSpan Time, long Bytes)[]> Histories =
        Gen.Select(Gen.Int[0, 2], Gen.Double[-6, 5].Select(power => TimeSpan.FromSeconds(Math.Pow(10, power))), Gen.Long[0, 1L << 40]).Array[0, 60];

    private static readonly Gen<TimeSpan> Bounds = Gen.Double[0.001, 86_400].Select(TimeSpan.FromSeconds);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static PeerPace After((int Kind, TimeSpan Time, long Bytes)[] history, TimeSpan bound)
    {
        var pace = new PeerPace();
        foreach ((int kind, TimeSpan time, long bytes) in history)
        {
            if (kind == 0)
                pace.Answered(time);
            else if (kind == 1)
                pace.Moved(bytes, time);
            else
                pace.TimedOut(bound);
        }

        return pace;
    }

    private static PeerPace Steady(double latency, double bytesPerSecond, int times = 60)
    {
        var pace = new PeerPace();
        for (int i = 0; i < times; i++)
        {
            pace.Answered(Seconds(latency));
            pace.Moved(Megabyte, Seconds(Megabyte / bytesPerSecond));
        }

        return pace;
    }

    [Fact]
    public void Whatever_happens_nothing_is_waited_for_longer_than_the_bound_or_shorter_than_a_second() =>
        Gen.Select(Histories, Bounds, Gen.Long[0, 1L << 50]).Sample((history, bound, bytes) =>
        {
            PeerPace pace = After(history, bound);
            TimeSpan least = bound < Floor ? bound : Floor;
            Assert.InRange(pace.Answer(bound), least, bound);
            Assert.InRange(pace.Connection(bound), pace.Answer(bound), bound);
            Assert.InRange(pace.Progress(bound), pace.Answer(bound), bound);
            Assert.InRange(pace.Body(bytes, bound), pace.Answer(bound), bound);
        });

    [Fact]
    public void Before_anything_is_observed_the_bound_itself_holds() =>
        Gen.Select(Bounds, Gen.Long[0, 1L << 50]).Sample((bound, bytes) =>
        {
            var pace = new PeerPace();
            pace.TimedOut(bound);
            pace.Moved(PeerPace.LeastBytes - 1, Seconds(1));
            Assert.Equal((bound, bound, bound, bound), (pace.Answer(bound), pace.Connection(bound), pace.Progress(bound), pace.Body(bytes, bound)));
            Assert.Equal(((TimeSpan?)null, (double?)null), (pace.Latency, pace.Throughput));
        });

    [Fact]
    public void An_answer_makes_the_next_one_be_waited_for_at_least_as_long_whatever_was_before() =>
        Gen.Select(Histories, Gen.Double[0, 1000].Select(Seconds)).Sample((history, latency) =>
        {
            PeerPace pace = After(history, Bound);
            pace.Answered(latency);
            Assert.True(pace.Answer(TimeSpan.MaxValue) >= latency);
        });

    [Fact]
    public void A_body_makes_the_next_one_be_waited_for_at_least_as_long_whatever_was_before() =>
        Gen.Select(Histories, Gen.Double[0.001, 1000].Select(Seconds), Gen.Long[PeerPace.LeastBytes, 1L << 40]).Sample((history, time, bytes) =>
        {
            PeerPace pace = After(history, Bound);
            pace.Moved(bytes, time);
            Assert.True(pace.Body(bytes, TimeSpan.MaxValue) >= time);
        });

    [Fact]
    public void A_time_out_doubles_what_is_waited_for_an_answer_up_to_the_bound() =>
        Gen.Select(Histories, Bounds).Sample((history, bound) =>
        {
            PeerPace pace = After(history, bound);
            TimeSpan before = pace.Answer(bound);
            pace.TimedOut(bound);
            TimeSpan twice = 2 * before < bound ? 2 * before : bound;
            Assert.Equal(twice.TotalSeconds, pace.Answer(bound).TotalSeconds, 1e-4);
        });

    [Theory]
    [InlineData(0.000_1)]
    [InlineData(0.05)]
    [InlineData(3)]
    public void What_is_steady_is_waited_for_a_second_longer_than_it_takes(double latency) =>
        Assert.Equal(latency + 1, Steady(latency, 1e6).Answer(Bound).TotalSeconds, 1e-3);

    [Fact]
    public void A_peer_that_has_become_faster_is_soon_waited_for_less_and_one_that_timed_out_too()
    {
        PeerPace pace = Steady(latency: 20, bytesPerSecond: 1e5);
        TimeSpan slow = pace.Body(Megabyte, Bound);
        for (int i = 0; i < 5; i++)
            pace.TimedOut(Bound);
        Assert.Equal(Bound, pace.Answer(Bound));
        for (int i = 0; i < 50; i++)
        {
            pace.Answered(Seconds(0.01));
            pace.Moved(Megabyte, Seconds(0.01));
        }

        Assert.InRange(pace.Answer(Bound), Floor, Seconds(1.2));
        Assert.InRange(pace.Body(Megabyte, Bound), Floor, slow / 10);
    }

    /// <summary>The time-out of a dead peer, and then of one that lives: what was doubled goes back as its answers come.</summary>
    [Fact]
    public void Time_outs_are_forgotten_within_a_few_answers()
    {
        PeerPace pace = Steady(latency: 0.01, bytesPerSecond: 1e8);
        for (int i = 0; i < 20; i++)
            pace.TimedOut(Seconds(2.5));
        Assert.Equal(Seconds(0.01), pace.Latency!.Value);
        int answers = 0;
        while (pace.Answer(Seconds(2.5)) > Seconds(1.05))
        {
            pace.Answered(Seconds(0.01));
            answers++;
        }

        Assert.InRange(answers, 2, 8);
    }

    [Fact]
    public void A_body_may_take_four_times_as_long_as_those_before_and_as_long_again_as_an_answer()
    {
        PeerPace pace = Steady(latency: 0.5, bytesPerSecond: 2e6);
        Assert.Equal(2e6, pace.Throughput!.Value, 1);
        Assert.Equal(Seconds(0.5), pace.Latency!.Value);
        Assert.Equal(0.5 + 1 + 4 * 5, pace.Body(10 * Megabyte, Bound).TotalSeconds, 1e-3);
        Assert.Equal(0.5 + 1 + 4 * PeerPace.LeastBytes / 2e6, pace.Progress(Bound).TotalSeconds, 1e-3);
    }

    [Fact]
    public void The_same_observations_give_the_same_figures_to_the_bit() => Histories.Sample(history =>
    {
        (PeerPace one, PeerPace other) = (After(history, Bound), After(history, Bound));
        Assert.Equal((one.Latency, one.Throughput, one.Answer(Bound), one.Body(Megabyte, Bound)), (other.Latency, other.Throughput, other.Answer(Bound), other.Body(Megabyte, Bound)));
    });
}
