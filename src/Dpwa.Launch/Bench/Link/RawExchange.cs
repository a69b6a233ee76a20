using System.Diagnostics;
using System.Net.Sockets;
using Dpwa.Launch.Bench.Memory;

namespace Dpwa.Launch.Bench.Link;

/// <summary>
/// What sockets can do, as a yardstick: each worker serves the one before it and fetches from the one after it at the same time, by plain blocking
/// calls. A request, then the payload; no checks, no headers, the kernel's own buffer sizes.
/// </summary>
internal static class RawExchange
{
    private const int Request = 128;
    private const long Most = 1L << 30;

    /// <summary>MB/s (10⁶ bytes) of each round, from the request to the last byte.</summary>
    public static List<double> Measure(Ring ring, long bytes, int rounds)
    {
        using var source = new NativeBlock(bytes, seed: 4);
        using var destination = new NativeBlock(bytes, seed: 5);
        var trouble = (Exception?)null;
        var server = new Thread(() =>
        {
            try
            {
                for (var round = 0; round < rounds; round++) Serve(ring.RawTo, source);
            }
            catch (SocketException e)
            {
                trouble = e;
            }
        });
        server.Start();
        try
        {
            var rates = new List<double>(rounds);
            for (var round = 0; round < rounds; round++)
            {
                var start = Stopwatch.GetTimestamp();
                Fetch(ring.RawFrom, destination);
                rates.Add(bytes / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6);
            }

            server.Join();
            return trouble is null ? rates : throw trouble;
        }
        catch (SocketException e)
        {
            ring.Dispose();
            server.Join();
            throw new BenchException("Another worker has ended before the measurement was over.", e);
        }
    }

    private static void Serve(Socket socket, NativeBlock source)
    {
        Span<byte> request = stackalloc byte[Request];
        ReceiveAll(socket, request);
        for (var at = 0L; at < source.Length; at += Most) socket.Send(source.Span(at, Math.Min(Most, source.Length - at)));
    }

    private static void Fetch(Socket socket, NativeBlock destination)
    {
        Span<byte> request = stackalloc byte[Request];
        request.Clear();
        socket.Send(request);
        for (var at = 0L; at < destination.Length; at += Most) ReceiveAll(socket, destination.Span(at, Math.Min(Most, destination.Length - at)));
    }

    private static void ReceiveAll(Socket socket, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = socket.Receive(bytes);
            if (count == 0) throw new SocketException((int)SocketError.ConnectionReset);
            bytes = bytes[count..];
        }
    }
}
