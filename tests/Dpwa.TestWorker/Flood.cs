using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Dpwa.TestWorker;

/// <summary>Somebody who opens many connections to a node and never asks for anything; those that are closed are opened again.</summary>
internal sealed class Flood(IPEndPoint target, int count, bool drips, TimeSpan renewal)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly Socket?[] _sockets = new Socket?[count];
    private int _renewed;

    /// <summary>Says each second how many are open, and how many have been opened again by then.</summary>
    public async Task RunAsync()
    {
        using var timer = new PeriodicTimer(renewal);
        long said = 0;
        do
        {
            // A byte and a line a second, however often it looks who was closed.
            bool isNews = Stopwatch.GetElapsedTime(said) >= Second;
            var opening = new List<Task>();
            for (int i = 0; i < count; i++)
            {
                if (!Lives(_sockets[i], drip: drips && isNews))
                    opening.Add(OpenAsync(i));
            }

            await Task.WhenAll(opening);
            if (!isNews)
                continue;
            said = Stopwatch.GetTimestamp();
            LineLogs.Say($"flood {target} open {_sockets.Count(s => s is not null)} opened {_renewed}");
        }
        while (await timer.WaitForNextTickAsync());
    }

    private static bool Lives(Socket? socket, bool drip)
    {
        try
        {
            return socket is not null && !(socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0) && (!drip || socket.Send("D"u8) == 1);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task OpenAsync(int i)
    {
        _sockets[i]?.Dispose();
        _sockets[i] = null;
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var soon = new CancellationTokenSource(Second);
            await socket.ConnectAsync(target, soon.Token);
            _sockets[i] = socket;
            _renewed++;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Its turn comes again.
            socket.Dispose();
        }
    }
}
