using Dpwa.Exchange;
using Dpwa.Launch.Watch;

namespace Dpwa.Dashboard.Tests.Support;

/// <summary>Rounds of questions, as if nodes had been asked.</summary>
internal static class Views
{
    public static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    public static ClusterView At(double seconds, params NodeView[] nodes) => new(Start.AddSeconds(seconds), nodes);

    public static NodeView Running(string name, ulong life = 1, long step = 1, double? loss = 1, params ExchangeRecord[] news) => new(new(name, "127.0.0.1", 1), WatchState.Running, Start)
    {
        Status = new() { Name = name, Version = "1", Incarnation = life, Process = 1, Started = Start, Now = Start, Round = step, Clock = step, Loss = loss, Exchanges = news },
        News = news,
        StepsPerSecond = 2,
    };

    public static NodeView Silent(string name, string why = "connection refused") => new(new(name, "127.0.0.1", 1), WatchState.NotAnswering, Start) { Failure = new(FailureKind.Unreachable, why) };

    public static ExchangeRecord Averaged(long number, string peer) => new(number, Start, number, UpdateOutcome.Averaged, peer, 0.5, 100, 0, null);

    public static ExchangeRecord Failed(long number, string? peer, string reason) => new(number, Start, number, UpdateOutcome.TimedOut, peer, 0, 0, 0, reason);
}
