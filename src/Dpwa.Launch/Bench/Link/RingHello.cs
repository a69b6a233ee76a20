using System.Net.Sockets;
using System.Text;

namespace Dpwa.Launch.Bench.Link;

/// <summary>The first line on a connection of the ring, and its answer, by blocking calls only: a socket that was ever used asynchronously stays so inside.</summary>
/// <param name="Kind">What the connection is for.</param>
/// <param name="Name">Who speaks.</param>
/// <param name="Settings">What that worker was asked to measure.</param>
internal sealed record RingHello(string Kind, string Name, string Settings)
{
    public const string Control = "control", Raw = "raw", Welcome = "welcome", Other = "other";

    private const string Mark = "dpwa-bench-1";
    private const int Longest = 2048;

    public void Send(Socket socket) => socket.Send(Encoding.UTF8.GetBytes($"{Mark}\t{Kind}\t{Name}\t{Settings}\n"));

    /// <summary>What to say to a user when another worker measures something else.</summary>
    public BenchException Disagreement(RingHello other) => new($"{other.Name} measures something else: {other.Settings} there, {Settings} here. Give all machines the same options.");

    /// <summary>Null: what came is none.</summary>
    /// <exception cref="SocketException">Nothing came.</exception>
    public static RingHello? Receive(Socket socket)
    {
        Span<byte> line = stackalloc byte[Longest];
        for (var length = 0; length < line.Length; length++)
        {
            if (socket.Receive(line.Slice(length, 1)) == 0) throw new SocketException((int)SocketError.ConnectionReset);
            if (line[length] == '\n')
                return Encoding.UTF8.GetString(line[..length]).Split('\t') is [Mark, var kind, var name, var settings] ? new(kind, name, settings) : null;
        }

        return null;
    }
}
