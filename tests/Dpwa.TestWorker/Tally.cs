using System.Diagnostics;
using System.Globalization;

namespace Dpwa.TestWorker;

/// <summary>What a worker tells of itself once a second, at the first step behind each full one, so that those of several can be set side by side.</summary>
internal sealed class Tally
{
    private readonly List<double> _exchanges = [];
    private long _start;
    private double _held;
    private int _failed;
    private long _second = Second();

    /// <summary>A second has passed since the last line.</summary>
    public bool IsDue => Second() != _second;

    public void Begin() => (_start, _held) = (Stopwatch.GetTimestamp(), 0);

    public void Pause() => _held = Stopwatch.GetElapsedTime(_start).TotalMilliseconds;

    public void Resume() => _start = Stopwatch.GetTimestamp();

    public void End(in UpdateResult result)
    {
        if (result.Outcome == UpdateOutcome.Averaged)
            _exchanges.Add(_held + Stopwatch.GetElapsedTime(_start).TotalMilliseconds);
        else
            _failed++;
    }

    /// <summary>Of the second that has passed: steps that averaged and that did not, median and worst milliseconds in the two calls of one that did; and what the process takes.</summary>
    public string Line(float lowest, float highest)
    {
        _exchanges.Sort();
        (double median, double worst) = _exchanges.Count > 0 ? (_exchanges[_exchanges.Count / 2], _exchanges[^1]) : (0, 0);
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"at {_second = Second()} from {lowest:R} to {highest:R} averaged {_exchanges.Count} failed {_failed} median_ms {median:0.###} worst_ms {worst:0.###} rss_kb {Status("VmRSS:")} heap_kb {GC.GetTotalMemory(false) / 1024} threads {Status("Threads:")}");
        _exchanges.Clear();
        _failed = 0;
        return line;
    }

    private static long Second() => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private static string Status(string key) => File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
}
