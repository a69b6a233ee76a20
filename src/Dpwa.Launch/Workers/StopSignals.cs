using System.Runtime.InteropServices;

namespace Dpwa.Launch.Workers;

/// <summary>While it lives, Ctrl-C, SIGTERM and a closing terminal stop the group's workers instead of ending this process: the first gently, the next by force.</summary>
public sealed class StopSignals : IDisposable
{
    private readonly WorkerGroup _group;
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    /// <summary>Watches for the sake of <paramref name="group"/>; make it before the group is started.</summary>
    public StopSignals(WorkerGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        _group = group;
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, Handle))];
    }

    /// <summary>Whether one came.</summary>
    public bool Received => Volatile.Read(ref _count) > 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1) _group.Kill();
        // Its end is the group's Completion, which whoever started the group waits for.
        else _ = _group.StopAsync(signal: context.Signal);
    }
}
