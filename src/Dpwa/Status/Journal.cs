namespace Dpwa.Status;

/// <summary>What a node's steps came to: counted, and the last of them kept. The trainer writes, anybody reads; a step costs a lock that is almost never held, and no allocation.</summary>
internal sealed class Journal(TimeProvider time)
{
    /// <summary>How many exchanges are kept.</summary>
    public const int Kept = 512;

    private readonly Lock _gate = new();
    private readonly ExchangeRecord[] _last = new ExchangeRecord[Kept];
    private readonly long[] _outcomes = new long[Enum.GetValues<UpdateOutcome>().Length];
    private long _count;
    private double _blocked;
    private double? _loss;
    private long? _samples;

    public void Sent(double loss)
    {
        lock (_gate)
            _loss = double.IsFinite(loss) ? loss : null;
    }

    public void AddSamples(long count)
    {
        lock (_gate)
            _samples = (_samples ?? 0) + count;
    }

    public void Waited(in UpdateResult result, double loss, long round)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_gate)
        {
            _loss = double.IsFinite(loss) ? loss : null;
            _outcomes[(int)result.Outcome]++;
            _blocked += result.Waited.TotalSeconds;
            if (result.Outcome == UpdateOutcome.NotFetching)
                return;
            _last[_count % Kept] = new(_count + 1, now, round, result.Outcome, result.Peer, result.Factor, result.Bytes, result.Waited.TotalSeconds, result.Reason);
            _count++;
        }
    }

    /// <summary>The status with what is known here, and the exchanges after a number.</summary>
    public NodeStatus Complete(NodeStatus status, ulong after)
    {
        lock (_gate)
        {
            long from = Math.Max((long)Math.Min(after, (ulong)_count), _count - Kept);
            var exchanges = new ExchangeRecord[_count - from];
            for (long i = from; i < _count; i++)
                exchanges[i - from] = _last[i % Kept];
            return status with { Loss = _loss, Samples = _samples, Outcomes = [.. _outcomes], BlockedSeconds = _blocked, Exchanges = exchanges };
        }
    }
}
