using Dpwa.Peers;

namespace Dpwa.Exchange;

/// <content>
/// How long an attempt may take: a connection, the first of an answer, each piece of a body, and the whole of it. Each of these follows what the peer has needed before
/// (<see cref="PeerPace"/>), and none is longer than the configuration allows.
/// </content>
internal sealed partial class FetchExchange
{
    /// <summary>A century, in microseconds: an age is the peer's word, and may be any number.</summary>
    private const ulong LongestAge = 100UL * 365 * 24 * 3600 * 1_000_000;

    private TimeSpan _deadline;
    private TimeSpan _attemptStart;
    private TimeSpan _requestedAt;
    private TimeSpan _answeredAt;
    private bool _hasAnswer;
    private TimeSpan _bodyDue;
    private TimeSpan _window;
    private ProgressWatch _watch;

    /// <summary>When <see cref="Tick"/> has something to decide; null while nothing is under way.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            if (IsIdle || IsFinished || _phase == Phase.Ready)
                return null;
            TimeSpan whole = _hasAnswer && _bodyDue < _deadline ? _bodyDue : _deadline;
            return _watch.Deadline is { } watch && watch < whole ? watch : whole;
        }
    }

    /// <summary>How old what came is by now, at most: when it left the peer, as that says, is not known better than after it was asked for.</summary>
    public TimeSpan Age(TimeSpan now) => TimeSpan.FromMicroseconds(Math.Min(Header.AgeMicroseconds, LongestAge)) + (now - _requestedAt);

    public void Tick(TimeSpan now)
    {
        if (IsIdle || IsFinished || _phase == Phase.Ready)
            return;
        TimeSpan allowed;
        if (now >= _deadline || (_hasAnswer && now >= _bodyDue))
        {
            allowed = now >= _deadline ? node.Deadline : _bodyDue - _answeredAt;

            // It was too slow for what it had been: what of it came says how slow it has become.
            if (_hasAnswer)
                _peer!.Pace.Moved(_link!.Received - _receivedBefore, now - _answeredAt);
        }
        else if (_watch.HasTimedOut(now, _window, _link?.Received ?? 0))
        {
            allowed = _window;
            _peer!.Pace.TimedOut(node.Timeout);
        }
        else
        {
            return;
        }

        string what = _phase == Phase.Connecting ? "did not accept a connection" : _link!.Received == _receivedBefore ? "did not answer" : "was too slow";
        Fail(now, new(FailureKind.TimedOut, $"{Describe()} {what} within {allowed.TotalSeconds:0.###} s"));
    }

    /// <summary>The time of being ready, a whole training step perhaps, is no time of the exchange, nor of the peer.</summary>
    private void Resume(TimeSpan now)
    {
        if (_phase == Phase.Ready)
            (_deadline, _attemptStart) = (now + node.Deadline, now);
    }

    private void Watch(TimeSpan now, TimeSpan window)
    {
        _window = window;
        _watch.Start(now, window, _link!.Received);
    }

    /// <summary>The first of the answer is here, and so many bytes are to follow. What is read in place took no time of the peer's.</summary>
    private void Answered(TimeSpan now, long bytes)
    {
        if (_hasAnswer || IsReading)
            return;
        (_hasAnswer, _answeredAt) = (true, now);
        PeerPace pace = _peer!.Pace;
        pace.Answered(now - _requestedAt);
        Watch(now, pace.Progress(node.Timeout));
        _bodyDue = now + pace.Body(bytes, _deadline - now);
    }
}
