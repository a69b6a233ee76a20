using Dpwa.Exchange;

namespace Dpwa.Peers;

/// <summary>
/// What a node knows of one peer: its flow-control score (+10 on success, −100 on failure, recovering half the way to the top every 30 s) and
/// its back-off (exponential with jitter). A peer is never given up for good.
/// </summary>
internal sealed class PeerRecord(ulong id)
{
    public const double LowestScore = 10;
    public const double HighestScore = 1000;

    private const double Reward = 10;
    private const double Penalty = 100;
    private static readonly TimeSpan ScoreHalfLife = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(30);

    private double _score = HighestScore;
    private TimeSpan _scoredAt;
    private int _consecutiveFailures;
    private TimeSpan? _renewedAt;
    private uint _kindsReported;
    private int _bad;
    private int _badBefore;
    private bool _clipReported;

    public ulong Id => id;

    /// <summary>The life of the peer that was last heard of; 0 before any.</summary>
    public ulong Incarnation { get; private set; }

    public TimeSpan RetryAt { get; private set; }

    public bool Left { get; private set; }

    public Failure LastFailure { get; private set; }

    /// <summary>How fast it has been, and so how long it is waited for.</summary>
    public PeerPace Pace { get; } = new();

    /// <summary>The exchange in which it was last tried, so that one exchange tries each peer once.</summary>
    public ulong TriedIn { get; set; }

    /// <summary>Where the peer's model differs, found out once for each fingerprint.</summary>
    public (ulong Fingerprint, string Text) OtherModel { get; set; }

    /// <summary>Whether it has taken this node's last parameters in the final merge.</summary>
    public bool HasFinal { get; set; }

    public long BytesReceived { get; set; }

    public long BytesSent { get; set; }

    public long Exchanges { get; private set; }

    public long Failures { get; private set; }

    public double Score(TimeSpan now)
    {
        double halves = (now - _scoredAt) / ScoreHalfLife;
        return HighestScore - (HighestScore - _score) * Math.Pow(2, -halves);
    }

    /// <summary>What it sent was bad: damaged, not finite, against the protocol, or refused for its distance.</summary>
    public long BadPayloads { get; private set; }

    /// <summary>What it sent was so far away that less of it was mixed.</summary>
    public long Clipped { get; private set; }

    /// <summary>Until then it is left alone for what it sent, whatever else is heard of it.</summary>
    public TimeSpan QuarantinedUntil { get; private set; } = TimeSpan.MinValue;

    public bool IsQuarantined(TimeSpan now) => now < QuarantinedUntil;

    public bool IsAvailable(TimeSpan now) => now >= RetryAt && !IsQuarantined(now);

    /// <summary>What it sent is being mixed: it makes up for one that was bad.</summary>
    public void WasGood() => (_badBefore, _bad) = (_bad, Math.Max(0, _bad - 1));

    /// <summary>What it sent was bad. Gives whether it is left alone from now on.</summary>
    public bool WasBad(TimeSpan now, QuarantineOptions? quarantine)
    {
        BadPayloads++;
        return Count(now, quarantine);
    }

    /// <summary>What <see cref="WasGood"/> was told of turned out to be too far away: it was mixed in part, or not at all. Gives whether the peer is left alone from now on.</summary>
    public bool WasTooFar(TimeSpan now, DeltaExcess excess, QuarantineOptions? quarantine, out bool isNews)
    {
        isNews = !_clipReported;
        _clipReported = true;
        _bad = _badBefore;
        if (excess == DeltaExcess.Clip)
            Clipped++;
        else
            BadPayloads++;
        return Count(now, quarantine);
    }

    private bool Count(TimeSpan now, QuarantineOptions? quarantine)
    {
        if (quarantine is null || ++_bad < quarantine.After)
            return false;
        (_bad, _badBefore) = (0, 0);
        QuarantinedUntil = now + quarantine.Duration;
        return true;
    }

    /// <summary>An exchange delivered, or an offer was taken up, which brings no bytes. Gives whether that ends a failure that had been reported.</summary>
    public bool Succeeded(TimeSpan now, long bytes)
    {
        bool recovered = LastFailure.Kind != FailureKind.None;
        SetScore(now, Math.Min(HighestScore, Score(now) + Reward));
        Clear();
        LastFailure = default;
        _kindsReported = 0;
        BytesReceived += bytes;
        if (bytes > 0)
            Exchanges++;
        return recovered;
    }

    /// <summary>An attempt failed. Gives whether it failed in a way that it had not failed in since its last success, which is worth a line in the log.</summary>
    /// <param name="now">The time.</param>
    /// <param name="failure">What happened.</param>
    /// <param name="cost">How long the attempt took.</param>
    /// <param name="random">The source of jitter.</param>
    public bool Failed(TimeSpan now, in Failure failure, TimeSpan cost, Random random)
    {
        uint kind = 1u << (int)(failure.IsAway ? FailureKind.Unreachable : failure.Kind);
        bool isNews = (_kindsReported & kind) == 0;
        _kindsReported |= kind;
        SetScore(now, Math.Max(LowestScore, Score(now) - Penalty));
        LastFailure = failure;
        Failures++;

        // A fast failure costs little, so it is retried soon; one that cost a time-out is not repeated before as long again.
        TimeSpan first = cost > FirstBackOff ? cost : FirstBackOff;
        TimeSpan ceiling = cost > LongestBackOff ? cost : LongestBackOff;
        RetryAt = now + Jittered(Min(first * Math.Pow(2, Math.Min(_consecutiveFailures, 10)), ceiling), random);
        _consecutiveFailures++;
        return isNews;
    }

    /// <summary>It said goodbye. Should it come back, it will be heard of; else it is asked again after the longest back-off.</summary>
    public void SaidGoodbye(TimeSpan now, Random random)
    {
        Left = true;
        RetryAt = now + Jittered(LongestBackOff, random);
    }

    /// <summary>
    /// A message of the peer came: it lives. If it is a new life, or it had been gone or out of reach, it is asked again at once. One that is
    /// reached but answers late or badly is not: its requests would reset the back-off that its own failures earned.
    /// </summary>
    public void Heard(TimeSpan now, ulong incarnation)
    {
        // A new life clears the record once in a while: one that claims a new life with each request does not escape its back-off.
        bool newLife = incarnation != Incarnation && !(now < _renewedAt + LongestBackOff);
        bool wasAway = Left || LastFailure.Kind is FailureKind.Unreachable or FailureKind.Closed or FailureKind.Broken or FailureKind.Leaving or FailureKind.NotReady;
        Incarnation = incarnation;
        if (newLife)
        {
            _renewedAt = now;
            SetScore(now, HighestScore);
        }

        if (newLife || wasAway)
            Clear();
    }

    private void Clear()
    {
        Left = false;
        RetryAt = TimeSpan.MinValue;
        _consecutiveFailures = 0;
    }

    private void SetScore(TimeSpan now, double score) => (_score, _scoredAt) = (score, now);

    private static TimeSpan Jittered(TimeSpan delay, Random random) => delay * (0.75 + 0.5 * random.NextDouble());

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
