using System.Net.Sockets;

namespace Dpwa.Launch.Bench.Link;

/// <summary>
/// All workers of a measurement in a ring, each connected to the one after it: they begin and end each part together, on one machine or on several.
/// Beside the connection for that there is one for <see cref="RawExchange"/>.
/// </summary>
internal sealed class Ring(RingNeighbour before, RingNeighbour after, bool isFirst) : IDisposable
{
    // No part takes this much longer on one worker than on another.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly byte[] _token = new byte[1];
    private byte _count;

    public Socket RawFrom => after.Raw;

    public Socket RawTo => before.Raw;

    /// <summary>Completes when every worker has called it: a token goes round twice, first to collect them and then to let them go.</summary>
    /// <exception cref="BenchException">Another worker has ended.</exception>
    public async Task BarrierAsync()
    {
        _count++;
        for (var lap = 0; lap < 2; lap++)
        {
            if (isFirst) await PassOnAsync().ConfigureAwait(false);
            await ExpectAsync().ConfigureAwait(false);
            if (!isFirst) await PassOnAsync().ConfigureAwait(false);
        }
    }

    public void Barrier() => BarrierAsync().GetAwaiter().GetResult();

    public void Dispose()
    {
        before.Dispose();
        after.Dispose();
    }

    private async Task PassOnAsync()
    {
        try
        {
            await after.Control.SendAsync(new byte[] { _count }).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new BenchException($"{after.Name} has ended before the measurement was over.", e);
        }
    }

    private async Task ExpectAsync()
    {
        using var late = new CancellationTokenSource(Patience);
        try
        {
            if (await before.Control.ReceiveAsync(_token, late.Token).ConfigureAwait(false) == 0) throw new SocketException((int)SocketError.ConnectionReset);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            throw new BenchException(e is SocketException ? $"{before.Name} has ended before the measurement was over." : $"{before.Name} has not answered for {Patience.TotalMinutes} minutes.", e);
        }

        if (_token[0] != _count) throw new BenchException($"{before.Name} is in another part of the measurement; do all machines run the same version?");
    }
}

/// <summary>Another worker, and the connections with it.</summary>
internal sealed record RingNeighbour(string Name, Socket Control, Socket Raw) : IDisposable
{
    public void Dispose()
    {
        Control.Dispose();
        Raw.Dispose();
    }
}
