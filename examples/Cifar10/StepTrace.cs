using System.Diagnostics;
using System.Globalization;
using Dpwa.TorchSharp;

namespace Dpwa.Examples.Cifar10;

/// <summary>For measurements: times each batch, tests now and then, and leaves exchanges out in turn. Without --trace, --test-every and --alternate it does nothing.</summary>
/// <remarks>A line of CSV a batch. <c>seconds</c> is the time spent in training so far, batches made included and tests not; <c>exchange_ms</c> is what the
/// training loop spent in <c>UpdateSend</c> and <c>UpdateWait</c>; <c>started</c> is in Unix seconds.</remarks>
internal sealed class StepTrace : IDisposable
{
    private readonly Settings _settings;
    private readonly StreamWriter? _file;
    private readonly Stopwatch _training = new();
    private long _begun, _sent;
    private long _step, _samples;
    private double _started;
    private bool _exchanges;

    public StepTrace(Settings settings)
    {
        _settings = settings;
        if (settings.TraceDirectory is null)
            return;
        Directory.CreateDirectory(settings.TraceDirectory);
        _file = new StreamWriter(Path.Combine(settings.TraceDirectory, settings.FileName("csv")));
        _file.WriteLine("step,samples,seconds,started,exchanged,step_ms,exchange_ms,test_accuracy");
    }

    /// <summary>A batch begins. Gives the adapter, or null when this batch is one that does not exchange.</summary>
    public DpwaTorchAdapter? Begin(DpwaTorchAdapter? dpwa)
    {
        _training.Start();
        _started = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        _begun = _sent = Stopwatch.GetTimestamp();

        // By the clock that all workers of a host share: none serves a peer while it counts as one that does not exchange.
        _exchanges = dpwa is not null && (_settings.Alternate is not int seconds || (long)_started / seconds % 2 == 0);
        return _exchanges ? dpwa : null;
    }

    /// <summary>The parameters have been published.</summary>
    public void Sent() => _sent = Stopwatch.GetTimestamp();

    /// <summary>The batch ends.</summary>
    public void End(UpdateResult? exchange, int samples, Func<double> test)
    {
        TimeSpan published = Stopwatch.GetElapsedTime(_begun, _sent), all = Stopwatch.GetElapsedTime(_begun);
        _step++;
        _samples += samples;
        double? accuracy = null;
        if (_settings.TestEvery is int every && _step % every == 0)
        {
            _training.Stop();
            accuracy = test();
        }

        _file?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{_step},{_samples},{_training.Elapsed.TotalSeconds:F4},{_started:F3},{(_exchanges ? 1 : 0)},{all.TotalMilliseconds:F3},"
            + $"{(_exchanges ? published + exchange?.Waited : TimeSpan.Zero)?.TotalMilliseconds:F3},{accuracy:F4}"));
        _training.Start();
    }

    /// <summary>The epoch is over: what follows is no training.</summary>
    public void Pause()
    {
        _training.Stop();
        _file?.Flush();
    }

    public void Dispose() => _file?.Dispose();
}
