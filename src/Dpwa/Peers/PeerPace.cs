namespace Dpwa.Peers;

/// <summary>
/// How fast a peer has been, and so how long it is waited for: as TCP does (RFC 6298), the smoothed value and four times its mean deviation. Two values are kept: the latency,
/// from a request to the first of its answer, and the pace, the seconds that a byte of a body takes. Nothing is waited for longer than the bound that the caller
/// gives, and before anything has been observed for just that.
/// </summary>
internal sealed class PeerPace
{
    /// <summary>Shorter bodies come in one piece and say nothing of a link's throughput.</summary>
    public const int LeastBytes = 64 * 1024;

    /// <summary>The least that is waited beyond the smoothed latency, in seconds: the minimum of RFC 6298. A full garbage collection, a busy machine of two cores or a
    /// packet lost twice (resent after 0.2 s, then 0.4 s) holds an answer up for some tenths of that; and a time-out that was wrong costs more than a second of waiting.</summary>
    private const double Slack = 1;

    /// <summary>The first packet of a connection, should it be lost, is resent after one second, and again after two more.</summary>
    private const double Connecting = 3;

    /// <summary>Links are shared: a body may take this many times what those before it took.</summary>
    private const double Sharing = 4;

    private Smoothed _latency;
    private Smoothed _pace;

    /// <summary>The smoothed latency; null before the first answer.</summary>
    public TimeSpan? Latency => _latency.IsKnown ? TimeSpan.FromSeconds(_latency.Mean) : null;

    /// <summary>Bytes per second of bodies as they arrive; null before the first that is long enough.</summary>
    public double? Throughput => _pace.IsKnown ? 1 / _pace.Mean : null;

    /// <summary>How long the first of an answer is waited for: <c>srtt + max(1 s, 4·rttvar)</c>.</summary>
    public TimeSpan Answer(TimeSpan bound) => _latency.IsKnown ? Within(AnswerSeconds, bound) : bound;

    /// <summary>How long a connection is waited for.</summary>
    public TimeSpan Connection(TimeSpan bound) => _latency.IsKnown ? Within(Connecting * AnswerSeconds, bound) : bound;

    /// <summary>How long the next <see cref="LeastBytes"/> of a body are waited for.</summary>
    public TimeSpan Progress(TimeSpan bound) => Body(LeastBytes, bound);

    /// <summary>How long so many bytes are waited for, from the first to the last.</summary>
    public TimeSpan Body(long bytes, TimeSpan bound) => _latency.IsKnown && _pace.IsKnown ? Within(AnswerSeconds + bytes * PaceSeconds, bound) : bound;

    /// <summary>The first of an answer came. That alone makes the next be waited for as long, however much longer it took than those before it.</summary>
    public void Answered(TimeSpan latency) => _latency.Add(latency.TotalSeconds);

    /// <summary>Of a body so many bytes came in so long; all of them, or those of one that was given up as too slow.</summary>
    public void Moved(long bytes, TimeSpan time)
    {
        if (bytes >= LeastBytes && time > TimeSpan.Zero)
            _pace.Add(time.TotalSeconds / bytes);
    }

    /// <summary>Nothing came within the bound: how much longer it would have taken is not known, so next time it is waited for twice as long. What is answered from then on takes that back.</summary>
    public void TimedOut(TimeSpan bound)
    {
        if (_latency.IsKnown && AnswerSeconds < bound.TotalSeconds)
            _latency.Widen(2 * AnswerSeconds);
    }

    private double AnswerSeconds => _latency.Mean + Math.Max(Slack, 4 * _latency.Deviation);

    private double PaceSeconds => Math.Max(Sharing * _pace.Mean, _pace.Mean + 4 * _pace.Deviation);

    private static TimeSpan Within(double seconds, TimeSpan bound) => seconds < bound.TotalSeconds ? TimeSpan.FromSeconds(seconds) : bound;

    /// <summary>RFC 6298, section 2: <c>rttvar ← ¾·rttvar + ¼·|srtt − r|</c>, then <c>srtt ← ⅞·srtt + ⅛·r</c>; at first <c>srtt = r</c>, <c>rttvar = r/2</c>.</summary>
    private struct Smoothed
    {
        public bool IsKnown { get; private set; }

        public double Mean { get; private set; }

        public double Deviation { get; private set; }

        public void Add(double sample)
        {
            Deviation = IsKnown ? 0.75 * Deviation + 0.25 * Math.Abs(Mean - sample) : sample / 2;
            Mean = IsKnown ? 0.875 * Mean + 0.125 * sample : sample;
            IsKnown = true;
        }

        /// <summary>Makes <c>mean + 4·deviation</c> this much, without pretending to have observed anything.</summary>
        public void Widen(double upper) => Deviation = (upper - Mean) / 4;
    }
}
