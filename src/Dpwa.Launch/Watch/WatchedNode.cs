using Dpwa.Exchange;
using Dpwa.Runtime;
using Dpwa.Transport;

namespace Dpwa.Launch.Watch;

/// <summary>Asks one node, round by round, and remembers its last answer.</summary>
internal sealed class WatchedNode(DpwaNode node, INodeQuery query, TimeProvider time) : IDisposable
{
    private readonly Rates _rates = new();
    private readonly long _start = time.GetTimestamp();
    private Task? _asking;
    private NodeView? _last;

    /// <summary>Asks once; what the network does is told in the view.</summary>
    public async Task<NodeView> AskAsync(bool withSketch, TimeSpan timeout, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        DateTimeOffset asked = time.GetUtcNow();
        long start = time.GetTimestamp();
        try
        {
            // Who was given up in the last round may still be on the way out: resolving a name, for one, cannot be cut short.
            if (_asking is { IsCompleted: false }) await _asking.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            either.Token.ThrowIfCancellationRequested();
            var asking = query.AskAsync(withSketch, either.Token);
            _asking = asking;
            return Answered(await asking.WaitAsync(either.Token).ConfigureAwait(false), asked, time.GetElapsedTime(start));
        }
        catch (Exception e) when (e is TransportException or OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            // It was we who hung up, because there was no answer.
            return Failed(late.IsCancellationRequested ? new(FailureKind.TimedOut, $"{node} did not answer within {timeout.TotalSeconds:0.###} s") : ((TransportException)e).Failure);
        }
    }

    public void Dispose()
    {
        // What is still under way fails now, and nobody wants to know.
        _ = _asking?.ContinueWith(static asking => asking.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        query.Dispose();
    }

    private NodeView Answered(NodeStatus status, DateTimeOffset asked, TimeSpan roundTrip)
    {
        var now = time.GetUtcNow();
        var isSameLife = _last?.Status?.Incarnation == status.Incarnation;
        var failures = status.Exchanges.Where(exchange => exchange.Outcome is UpdateOutcome.NoPeer or UpdateOutcome.TimedOut or UpdateOutcome.Rejected);
        return _last = _rates.Apply(
            new(node, WatchState.Running, _last is { State: WatchState.Running } && isSameLife ? _last.Since : now)
            {
                Status = status,
                AnsweredAt = now,
                News = status.Exchanges,
                LastFailure = failures.Select(exchange => (ExchangeRecord?)exchange).LastOrDefault() ?? (isSameLife ? _last?.LastFailure : null),
                RoundTrip = roundTrip,
                ClockOffset = status.Now - (asked + roundTrip / 2),
            },
            time.GetElapsedTime(_start));
    }

    private NodeView Failed(Failure failure) => _last = new(node, WatchState.NotAnswering, _last is { State: WatchState.NotAnswering } ? _last.Since : time.GetUtcNow())
    {
        Status = _last?.Status,
        AnsweredAt = _last?.AnsweredAt,
        LastFailure = _last?.LastFailure,
        RoundTrip = _last?.RoundTrip,
        ClockOffset = _last?.ClockOffset,
        Failure = failure,
    };
}
