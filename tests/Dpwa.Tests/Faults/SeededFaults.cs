using Dpwa.Protocol;
using Dpwa.Simulation.Faults;

namespace Dpwa.Tests.Faults;

/// <summary>Decides what goes wrong, for <see cref="FaultRun"/>.</summary>
internal interface IFaultPlan
{
    FrameFate OnFrame(FaultRun run, int from, int to, in MessageHeader header, long length);

    ConnectFate OnConnect(FaultRun run, int from, int to);

    /// <summary>Something has happened; what happens to nodes may be put in behind it.</summary>
    void AfterEvent(FaultRun run)
    {
    }
}

/// <summary>Faults drawn from the seed, with the scenario's rates.</summary>
internal sealed class SeededFaults(FaultScenario scenario) : IFaultPlan
{
    private readonly Random _random = new(~scenario.Seed);

    public ConnectFate OnConnect(FaultRun run, int from, int to)
    {
        switch (Draw(FaultKind.Refused, FaultKind.LateConnection))
        {
            case FaultKind.Refused:
                return run.Fault(FaultKind.Refused, new ConnectFate(ConnectOutcome.Refused, default));
            case FaultKind.Unanswered:
                return run.Fault(FaultKind.Unanswered, new ConnectFate(ConnectOutcome.Unanswered, default));
            case FaultKind.Reset:
                return run.Fault(FaultKind.Reset, new ConnectFate(ConnectOutcome.Reset, default));
            case FaultKind.LateConnection:
                return run.Fault(FaultKind.LateConnection, new ConnectFate(ConnectOutcome.Open, Time(1.5)));
            default:
                return default;
        }
    }

    public FrameFate OnFrame(FaultRun run, int from, int to, in MessageHeader header, long length)
    {
        switch (Draw(FaultKind.Delayed, FaultKind.Doubled))
        {
            case FaultKind.Delayed:
                return run.Fault(FaultKind.Delayed, new FrameFate { Delay = Time(2) });
            case FaultKind.Slow:
                return run.Fault(FaultKind.Slow, new FrameFate { PieceBytes = _random.Next(1, 1 + (int)length / _random.Next(2, 9)), PieceDelay = Time(0.1) });
            case FaultKind.Cut:
                return run.Fault(FaultKind.Cut, new FrameFate { CutAt = Place(length), PieceBytes = _random.Next(2) * 512 });
            case FaultKind.Corrupted:
                return run.Fault(FaultKind.Corrupted, new FrameFate { FlippedBit = 8 * Math.Min(Place(length), length - 1) + _random.Next(8) });
            case FaultKind.Silenced:
                return run.Fault(FaultKind.Silenced, new FrameFate { IsSilent = true });
            case FaultKind.Lost:
                return run.Fault(FaultKind.Lost, new FrameFate { IsLost = true });
            case FaultKind.Doubled:
                return run.Fault(FaultKind.Doubled, new FrameFate { IsDoubled = true, Delay = Time(0.2) });
            default:
                return default;
        }
    }

    /// <summary>When nodes end or stand still, and links are cut.</summary>
    public static IEnumerable<Disturbance> Disturbances(FaultScenario scenario)
    {
        var random = new Random(scenario.Seed ^ 0x5eed);
        for (int i = 0; i < scenario.Disturbances; i++)
        {
            var kind = (FaultKind)random.Next((int)FaultKind.OneWayCut, (int)FaultKind.Pause + 1);
            int node = random.Next(scenario.Nodes);
            int other = (node + random.Next(1, scenario.Nodes)) % scenario.Nodes;
            yield return new(kind, node, other, TimeSpan.FromSeconds(2 * random.NextDouble()), TimeSpan.FromSeconds(0.02 + 2 * random.NextDouble() * random.NextDouble()));
        }
    }

    private FaultKind? Draw(FaultKind first, FaultKind last)
    {
        double drawn = _random.NextDouble();
        for (FaultKind kind = first; kind <= last; kind++)
        {
            drawn -= scenario.Rates[(int)kind];
            if (drawn < 0)
                return kind;
        }

        return null;
    }

    /// <summary>A byte of a frame: anywhere, or where one part ends and the next begins.</summary>
    private long Place(long length)
    {
        long[] edges = [0, 1, MessageHeader.Size - 1, MessageHeader.Size, MessageHeader.Size + 1, length - MessageHeader.TrailerSize, length - 1, length];
        return Math.Min(length, _random.Next(3) switch { 0 => edges[_random.Next(edges.Length)], 1 => _random.Next(MessageHeader.Size), _ => _random.NextInt64(length) });
    }

    private TimeSpan Time(double most) => TimeSpan.FromSeconds(most * Math.Pow(_random.NextDouble(), 3));
}

/// <summary>Something that happens to a node, or to the link between two, for a time.</summary>
internal readonly record struct Disturbance(FaultKind Kind, int Node, int Other, TimeSpan At, TimeSpan For);
