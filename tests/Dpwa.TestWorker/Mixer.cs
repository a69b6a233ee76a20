using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Dpwa.TestWorker;

/// <summary>
/// A worker whose parameters show what was done to them. Parameter k is v · (1 + k mod 8), and each step pulls v towards the number in the worker's name, so that v is another one in each worker and in each
/// step, and always a convex mix of those numbers. Whatever was mixed in part, torn or shifted has parameters that disagree about v. It says lowest and highest v of each step.
/// </summary>
internal sealed class Mixer : IParameterSet
{
    private const float Rate = 0.1f;
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(200);
    private readonly string _name;
    private readonly float[] _x;
    private readonly float _target;
    private readonly bool _lingers;
    private bool _isMixing;
    private long _skipped;

    /// <param name="name">Letters and a number.</param>
    /// <param name="length">How many parameters.</param>
    /// <param name="lingers">Says <c>mixing</c> when it has a peer's parameters in its hands, and mixes them a while later: for who wants to do something to it then.</param>
    public Mixer(string name, int length, bool lingers)
    {
        (_name, _lingers) = (name, lingers);
        Layout = ParameterLayout.Flat(length);
        _target = float.Parse(name.AsSpan().TrimStart("abcdefghijklmnopqrstuvwxyz"), CultureInfo.InvariantCulture);
        _x = new float[length];
        for (int k = 0; k < length; k++)
            _x[k] = _target * Scale(k);
    }

    public ParameterLayout Layout { get; }

    public Span<byte> Segment(int index)
    {
        if (_lingers && _isMixing)
        {
            LineLogs.Say("mixing");
            Thread.Sleep(Linger);
        }

        return MemoryMarshal.AsBytes(_x.AsSpan());
    }

    /// <summary>Trains until it is asked to end.</summary>
    /// <param name="options">How.</param>
    /// <param name="pause">The time of a step that is not computing.</param>
    /// <param name="quiet">Says only one line a second, for long runs: see <see cref="Tally"/>.</param>
    public async Task RunAsync(DpwaOptions options, TimeSpan pause, bool quiet)
    {
        using var stop = new StopRequest();
        using var logs = new LineLogs();
        var tally = new Tally();
        using MeterListener meters = CountSkipped();
        await using var node = new DpwaConnection(_name, options with { LoggerFactory = logs }, this);
        for (int step = 1; !stop.Token.IsCancellationRequested; step++)
        {
            tally.Begin();
            _isMixing = false;
            node.UpdateSend(1);
            tally.Pause();
            Train();
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            tally.Resume();
            _isMixing = true;
            UpdateResult result = node.UpdateWait(1);
            tally.End(result);
            if (quiet && !tally.IsDue)
                continue;
            (float lowest, float highest) = Survey();
            if (tally.IsDue)
                LineLogs.Say(tally.Line(lowest, highest));
            if (!quiet)
                Say(step, result, node, lowest, highest);
        }
    }

    private void Say(int step, in UpdateResult result, DpwaConnection node, float lowest, float highest) =>
        LineLogs.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"step {step} {result.Outcome} {result.Peer ?? "-"} clock {node.Clock:0.###} skipped {_skipped} held {result.Waited.TotalMilliseconds:0} from {lowest:R} to {highest:R}{LineLogs.Away(node)}"));

    /// <summary>Steps that could not publish, because readers held all snapshots.</summary>
    private MeterListener CountSkipped()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Dpwa", Name: "dpwa.publish.skipped" })
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => _skipped += count);
        listener.Start();
        return listener;
    }

    private static float Scale(int k) => 1 + k % 8;

    private void Train()
    {
        for (int k = 0; k < _x.Length; k++)
            _x[k] += Rate * (_target * Scale(k) - _x[k]);
    }

    private (float Lowest, float Highest) Survey()
    {
        (float lowest, float highest) = (float.PositiveInfinity, float.NegativeInfinity);
        for (int k = 0; k < _x.Length; k++)
        {
            float v = _x[k] / Scale(k);
            lowest = Math.Min(lowest, v);
            highest = Math.Max(highest, v);
        }

        return (lowest, highest);
    }
}
