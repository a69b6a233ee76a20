using System.Runtime.InteropServices;

namespace Dpwa.Cli.Live;

/// <summary>While it lives, Ctrl-C, SIGTERM, a closing terminal and, at a terminal, the key q end what is shown instead of this process.</summary>
internal sealed class Quit : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly PosixSignalRegistration[] _signals;

    public Quit(bool readsKeys, CancellationToken ct)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(ct);
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        _signals = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, Handle))];
        // Nobody can be woken from reading a key: the thread ends with the process.
        if (readsKeys) new Thread(ReadKeys) { IsBackground = true, Name = "keys" }.Start();
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        _source.Cancel();
    }

    private void ReadKeys()
    {
        try
        {
            while (Console.ReadKey(intercept: true) is not { KeyChar: 'q' or 'Q' })
            {
            }

            _source.Cancel();
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            // There is no keyboard after all; Ctrl-C is left.
        }
    }
}
