using System.Globalization;
using System.Runtime.InteropServices;

namespace Dpwa.TestWorker;

/// <summary>
/// A worker whose parameters show what was done to them. Parameter k is v · (1 + k mod 8), and each step pulls v towards the number in the worker's name, so that v is another one in each worker and in each
/// step, and always a convex mix of those numbers. Whatever was mixed in part, torn or shifted has parameters that disagree about v. It says lowest and highest v of each step.
/// </summary>
internal sealed class Mixer
{
    private const float Rate = 0.1f;
    private readonly string _name;
    private readonly float[] _x;
    private readonly float _target;

    public Mixer(string name, int length)
    {
        _name = name;
        _target = float.Parse(name.AsSpan().TrimStart("abcdefghijklmnopqrstuvwxyz"), CultureInfo.InvariantCulture);
        _x = new float[length];
        for (int k = 0; k < length; k++)
            _x[k] = _target * Scale(k);
    }

    /// <summary>Trains until it is asked to end.</summary>
    /// <param name="options">How.</param>
    /// <param name="pause">The time of a step that is not computing.</param>
    /// <param name="quiet">Says only one line a second, for long runs: see <see cref="Tally"/>.</param>
    public async Task RunAsync(DpwaOptions options, TimeSpan pause, bool quiet)
    {
        using var stop = new CancellationTokenSource();
        Action<PosixSignalContext> end = context =>
        {
            context.Cancel = true;
            stop.Cancel();
        };
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, end);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, end);
        using var logs = new LineLogs();
        var tally = new Tally();
        await using var node = new DpwaConnection(_name, options with { LoggerFactory = logs });
        for (int step = 1; !stop.IsCancellationRequested; step++)
        {
            tally.Begin();
            node.UpdateSend(_x, 1);
            tally.Pause();
            Train();
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            tally.Resume();
            UpdateResult result = node.UpdateWait(_x, 1);
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

    private static void Say(int step, in UpdateResult result, DpwaConnection node, float lowest, float highest)
    {
        string away = string.Concat(node.Peers.Where(peer => peer.State == PeerState.BackingOff).Select(peer => $" without {peer.Name}"));
        LineLogs.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"step {step} {result.Outcome} {result.Peer ?? "-"} clock {node.Clock:0.###} peer {result.PeerClock:0.###} held {result.Waited.TotalMilliseconds:0} from {lowest:R} to {highest:R}{away}"));
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
