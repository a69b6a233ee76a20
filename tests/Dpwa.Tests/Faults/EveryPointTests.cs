using Dpwa.Protocol;
using Dpwa.Simulation.Faults;

namespace Dpwa.Tests.Faults;

/// <summary>Not by chance but one after the other: each message of a few exchanges meets each fault, at each place where one part of a frame ends and the next begins; and at each event a worker ends, or stands still.</summary>
public class EveryPointTests(ITestOutputHelper output)
{
    public static TheoryData<string> Methods => ["dpwa", "gossip-push", "gosgd", "ad-psgd"];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Each_message_meets_each_fault(string method)
    {
        FaultScenario scenario = Scenario(method);
        List<(MessageType Type, long Length)> frames = new OneFault().In(scenario).Frames;
        Assert.Contains(frames, frame => frame.Type == MessageType.Snapshot);
        int runs = 0;
        for (int frame = 0; frame < frames.Count; frame++)
        {
            foreach (FrameFate fate in Fates(frame, frames[frame].Length, scenario.Options))
            {
                runs++;
                Assert.True(new OneFault { Frame = frame, Fate = fate }.In(scenario).HasHappened, $"{method}: there is no frame {frame}");
            }
        }

        output.WriteLine($"{method}: {frames.Count} messages, {runs} runs");
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void At_each_event_a_worker_ends_or_stands_still(string method)
    {
        FaultScenario scenario = Scenario(method);
        int events = new OneFault().In(scenario).Events;
        for (int at = 1; at < events; at++)
        {
            for (int node = 0; node < scenario.Nodes; node++)
            {
                int victim = node;
                foreach (Action<FaultRun> what in new Action<FaultRun>[] { run => run.Kill(victim, silently: false), run => run.Kill(victim, silently: true), run => run.Pause(victim, TimeSpan.FromSeconds(0.3)) })
                    Assert.True(new OneFault { Event = at, What = what, Victim = victim }.In(scenario).HasHappened, $"{method}: there is no event {at}");
            }
        }

        output.WriteLine($"{method}: {events} events");
    }

    private static FaultScenario Scenario(string method) => FaultScenario.Draw(0) with
    {
        Options = GossipMethods.Options(method) with
        {
            Nodes = [new("w0", "virtual", 1), new("w1", "virtual", 2)],
            Timeout = TimeSpan.FromMilliseconds(200),
            ExchangeDeadline = TimeSpan.FromMilliseconds(500),
            FetchProbability = 1,
        },
        Layout = ParameterLayout.Flat(300),
        Rates = new double[Enum.GetValues<FaultKind>().Length],
        Disturbances = 0,
        Steps = 3,
        CalmSteps = 5,
        EndsMerged = false,
        Bootstraps = true,
    };

    private static IEnumerable<FrameFate> Fates(int frame, long length, DpwaOptions options)
    {
        yield return new() { Delay = options.Timeout / 2 };
        yield return new() { Delay = 1.5 * options.Timeout };
        yield return new() { Delay = 1.5 * options.EffectiveDeadline };
        yield return new() { PieceBytes = 100, PieceDelay = options.Timeout / 5 };
        yield return new() { IsSilent = true };
        yield return new() { IsLost = true };
        yield return new() { IsDoubled = true };
        long body = length - MessageHeader.Size;
        long[] places = body == 0 ? [0, 1, 64, length - 1, length] : [0, 1, 64, 127, 128, 129, 128 + body / 2, length - 9, length - 8, length - 1, length];
        foreach (long place in places)
        {
            yield return new() { CutAt = place };
            yield return new() { FlippedBit = 8 * Math.Min(place, length - 1) + frame % 8 };
        }

        // Of the header every byte in turn.
        for (int i = frame % 8; i < MessageHeader.Size; i += 8)
            yield return new() { FlippedBit = 8 * i + (frame + i / 8) % 8 };
    }

    /// <summary>One thing goes wrong, or nothing.</summary>
    private sealed class OneFault : IFaultPlan
    {
        public int Frame { get; init; } = -1;

        public FrameFate Fate { get; init; }

        public int Event { get; init; }

        public Action<FaultRun>? What { get; init; }

        public int Victim { get; init; }

        public List<(MessageType Type, long Length)> Frames { get; } = [];

        public int Events { get; private set; }

        public bool HasHappened { get; private set; }

        public OneFault In(FaultScenario scenario)
        {
            FaultReport report = FaultRun.Of(scenario, this, log: false);
            if (report.Violation is null)
                return this;
            FaultReport again = FaultRun.Of(scenario, new OneFault { Frame = Frame, Fate = Fate, Event = Event, What = What, Victim = Victim }, log: true);
            Assert.Fail($"frame {Frame} {Fate}, event {Event}, w{Victim}: {report.Violation}\n{string.Join('\n', again.Log)}");
            return this;
        }

        public ConnectFate OnConnect(FaultRun run, int from, int to) => default;

        public FrameFate OnFrame(FaultRun run, int from, int to, in MessageHeader header, long length)
        {
            Frames.Add((header.Type, length));
            if (Frames.Count - 1 != Frame)
                return default;
            HasHappened = true;
            return Fate;
        }

        public void AfterEvent(FaultRun run)
        {
            if (++Events != Event || What is null)
                return;
            HasHappened = true;
            What(run);
            if (!run.IsUp(Victim))
                run.Cluster.After(TimeSpan.FromSeconds(0.2), () => run.Restart(Victim));
        }
    }
}
