using System.Diagnostics;
using System.Globalization;
using Dpwa.TorchSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.Examples.Cifar10;

/// <summary>For measurements: times each batch, keeps the model now and then to test it afterwards, and leaves exchanges out in turn. Without --trace and
/// --alternate it only reads the clocks.</summary>
/// <remarks>A line of CSV a batch. <c>seconds</c> is the time spent in training so far, batches made included; <c>started</c> is in Unix seconds;
/// <c>exchanged</c> is 1 when a peer's parameters were mixed in; <c>exchange_ms</c> is what the training loop spent in <c>UpdateSend</c> and
/// <c>UpdateWait</c>; <c>cpu_ms</c> is of all threads, those that serve peers included.</remarks>
internal sealed class StepTrace(Settings settings)
{
    private const string Head = "step,samples,seconds,started,exchanged,step_ms,cpu_ms,exchange_ms,test_accuracy";

    private readonly List<(string Line, Tensor[]? Kept)> _steps = [];
    private readonly Stopwatch _training = new();
    private long _begun, _sent;
    private long _samples;
    private double _started;
    private TimeSpan _cpu;
    private bool _exchanges;

    /// <summary>A batch begins. Gives the adapter, or null when this batch is one that does not exchange.</summary>
    public DpwaTorchAdapter? Begin(DpwaTorchAdapter? dpwa)
    {
        _training.Start();
        _started = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        _cpu = Environment.CpuUsage.TotalTime;
        _begun = _sent = Stopwatch.GetTimestamp();

        // By the clock that all workers of a host share: none serves a peer while it counts as one that does not exchange.
        _exchanges = dpwa is not null && (settings.Alternate is not int seconds || (long)_started / seconds % 2 == 0);
        return _exchanges ? dpwa : null;
    }

    /// <summary>The parameters have been published.</summary>
    public void Sent() => _sent = Stopwatch.GetTimestamp();

    /// <summary>The batch ends.</summary>
    public void End(UpdateResult? exchange, int samples, nn.Module net)
    {
        if (settings.TraceDirectory is null)
            return;
        TimeSpan published = Stopwatch.GetElapsedTime(_begun, _sent), all = Stopwatch.GetElapsedTime(_begun), cpu = Environment.CpuUsage.TotalTime - _cpu;
        _training.Stop();
        _samples += samples;
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{_steps.Count + 1},{_samples},{_training.Elapsed.TotalSeconds:F4},{_started:F3},{(exchange?.Outcome == UpdateOutcome.Averaged ? 1 : 0)},"
            + $"{all.TotalMilliseconds:F3},{cpu.TotalMilliseconds:F3},{(_exchanges ? published + exchange?.Waited : TimeSpan.Zero)?.TotalMilliseconds:F3},");

        // Tested when the training is over: a worker that stops to test would be one that its peers average with while it stands still.
        _steps.Add((line, (_steps.Count + 1) % settings.TestEvery == 0 ? Copy(net) : null));
        _training.Start();
    }

    /// <summary>The epoch is over: what follows is no training.</summary>
    public void Pause() => _training.Stop();

    /// <summary>The training is over: tests what was kept, and writes the file. The model is left as it was.</summary>
    public void Finish(nn.Module net, Func<double> test)
    {
        if (settings.TraceDirectory is null)
            return;
        Directory.CreateDirectory(settings.TraceDirectory);
        using var file = new StreamWriter(Path.Combine(settings.TraceDirectory, settings.FileName("csv")));
        file.WriteLine(Head);
        Tensor[] final = Copy(net);
        foreach ((string line, Tensor[]? kept) in _steps)
        {
            if (kept is not null)
                Restore(net, kept);
            file.WriteLine(kept is null ? line : string.Create(CultureInfo.InvariantCulture, $"{line}{test():F4}"));
        }

        Restore(net, final);
        _steps.Clear();
    }

    private static Tensor[] Copy(nn.Module net)
    {
        using var noGradients = no_grad();
        return [.. net.state_dict().Values.Select(t => t.clone().DetachFromDisposeScope())];
    }

    private static void Restore(nn.Module net, Tensor[] kept)
    {
        using var noGradients = no_grad();
        foreach ((Tensor tensor, Tensor copy) in net.state_dict().Values.Zip(kept))
        {
            tensor.copy_(copy);
            copy.Dispose();
        }
    }
}
