using System.Runtime.InteropServices;

namespace Dpwa.Examples.Cifar10;

/// <summary>Ctrl-C and SIGTERM ask the training to stop after its batch; a second one ends the process as usual.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly PosixSignalRegistration _interrupt, _terminate;
    private volatile int _exitCode;

    public StopSignal()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Stop(c, 130));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Stop(c, 143));
    }

    /// <summary>Whether the training should stop.</summary>
    public bool Requested => _exitCode != 0;

    /// <summary>0, or by which signal the training was stopped, as shells count: 128 and its number.</summary>
    public int ExitCode => _exitCode;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
    }

    private void Stop(PosixSignalContext context, int exitCode)
    {
        context.Cancel = !Requested;
        _exitCode = exitCode;
    }
}
