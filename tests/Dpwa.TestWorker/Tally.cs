using System.Diagnostics;
using System.Globalization;

namespace Dpwa.TestWorker;

/// <summary>What a worker tells of itself once a second, at the first step behind each full one, so that those of several can be set side by side.</summary>
internal sealed class Tally
{
    private readonly List<double> _exchanges = [];
    private readonly SortedSet<string> _peers = [];
    private long _start;
    private double _held;
    private double _worst;
    private int _failed;
    private long _second = Second();

    /// <summary>A second has passed since the last line.</summary>
    public bool IsDue => Second() != _second;

    public void Begin() => (_start, _held) = (Stopwatch.GetTimestamp(), 0);

    public void Pause() => _held = Stopwatch.GetElapsedTime(_start).TotalMilliseconds;

    public void Resume() => _start = Stopwatch.GetTimestamp();

    public void End(in UpdateResult result)
    {
        _held += Stopwatch.GetElapsedTime(_start).TotalMilliseconds;
        _worst = Math.Max(_worst, _held);
        if (result.Outcome != UpdateOutcome.Averaged)
        {
            _failed++;
            return;
        }

        _exchanges.Add(_held);
        _peers.Add(result.Peer!);
    }

    /// <summary>Of the second that has passed: steps that averaged and that did not, milliseconds in the two calls (the median of those that did, the longest of all), what the process takes, and with whom it averaged.</summary>
    public string Line(float lowest, float highest)
    {
        _exchanges.Sort();
        double median = _exchanges.Count > 0 ? _exchanges[_exchanges.Count / 2] : 0;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"at {_second = Second()} from {lowest:R} to {highest:R} averaged {_exchanges.Count} failed {_failed} median_ms {median:0.###} worst_ms {_worst:0.###} rss_kb {Status("VmRSS:")} heap_kb {GC.GetTotalMemory(false) / 1024} threads {Status("Threads:")} with {string.Join(',', _peers)}");
        _exchanges.Clear();
        _peers.Clear();
        (_worst, _failed) = (0, 0);
        return line;
    }

    private static long Second() => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private static string Status(string key) => File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
}
