using Dpwa.Exchange;
using Dpwa.Runtime;
using Dpwa.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Dpwa.Cli.Tests.Watch;

/// <summary>A node that answers what a test says.</summary>
internal sealed class FakeNode(string name, FakeTimeProvider time) : INodeQuery
{
    private long _exchanges, _told;

    public DpwaNode Node { get; } = new(name, "127.0.0.1", 24_000);

    /// <summary>What it is now; null: nobody is there.</summary>
    public NodeStatus? Status { get; set; } = Fresh(name, time);

    /// <summary>Whether it answers, or only accepts the question.</summary>
    public bool IsSuspended { get; set; }

    /// <summary>How long it takes.</summary>
    public TimeSpan Takes { get; set; }

    /// <summary>By how much its clock is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    public int Asked { get; private set; }

    public bool IsDisposed { get; private set; }

    public static NodeStatus Fresh(string name, TimeProvider time, ulong incarnation = 1) =>
        new() { Name = name, Version = "1.0.0", Incarnation = incarnation, Process = 100, Started = time.GetUtcNow(), Now = time.GetUtcNow(), Fingerprint = 7 };

    public void Step(int steps = 1, long samples = 0, double? loss = null) =>
        Status = Status! with { Round = Status.Round + steps, Clock = Status.Clock + steps, Samples = samples > 0 ? (Status.Samples ?? 0) + samples : Status.Samples, Loss = loss ?? Status.Loss };

    /// <summary>A step that exchanged, or not.</summary>
    public void Exchange(string? peer, UpdateOutcome outcome = UpdateOutcome.Averaged, string? reason = null)
    {
        Step();
        var exchange = new ExchangeRecord(++_exchanges, time.GetUtcNow(), Status!.Round, outcome, peer, 0.5, 100, 0.01, reason);
        var outcomes = Enum.GetValues<UpdateOutcome>().Select(which => Status.Outcomes.ElementAtOrDefault((int)which) + (which == outcome ? 1 : 0));
        Status = Status with { Exchanges = [.. Status.Exchanges, exchange], Outcomes = [.. outcomes] };
    }

    public void Knows(string peer, double score, PeerState state = PeerState.Available, string? error = null, long received = 0, long sent = 0) => Status = Status! with
    {
        Peers = [.. Status.Peers.Where(other => other.Name != peer), new(peer, "127.0.0.1:24000", score, state, error, received, sent, 0, 0)],
    };

    public Task<NodeStatus> AskAsync(bool withSketch, CancellationToken ct = default)
    {
        Asked++;
        if (IsSuspended)
        {
            var never = new TaskCompletionSource<NodeStatus>();
            ct.Register(() => never.TrySetException(new TransportException(new(FailureKind.Closed, "closed"))));
            return never.Task;
        }

        if (Status is not { } status) return Task.FromException<NodeStatus>(new TransportException(new(FailureKind.Unreachable, $"{Node} cannot be reached: nothing listens there")));
        var now = time.GetUtcNow() + Takes / 2 + Ahead;
        time.Advance(Takes);
        status = status with { Now = now, Exchanges = [.. status.Exchanges.Where(exchange => exchange.Number > _told)], Sketch = withSketch ? status.Sketch : [] };
        _told = _exchanges;
        return Task.FromResult(status);
    }

    public void Dispose() => IsDisposed = true;
}
