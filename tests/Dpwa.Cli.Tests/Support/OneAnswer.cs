using System.Net;
using System.Net.Sockets;

namespace Dpwa.Cli.Tests.Support;

/// <summary>Another program that listens: whatever it is asked, it says the same and hangs up; with nothing to say it keeps the caller waiting.</summary>
internal sealed class OneAnswer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly byte[]? _answer;
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;

    public OneAnswer(byte[]? answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Complete once somebody has asked.</summary>
    public Task Asked => _asked.Task;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(_end.Token);
            // Who hangs up with something unread resets the connection, and the answer may be lost.
            await client.GetStream().ReadExactlyAsync(new byte[128], _end.Token);
            _asked.TrySetResult();
            if (_answer is null) await Task.Delay(Timeout.Infinite, _end.Token);
            else await client.GetStream().WriteAsync(_answer, _end.Token);
        }
    }
}
