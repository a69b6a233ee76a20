using System.Net;
using System.Net.Sockets;

namespace Dpwa.Launch.Hosts;

/// <summary>Finds ports for workers that will bind them in a moment.</summary>
public static class FreePorts
{
    // Below where systems take the ports of outgoing connections from (Linux from 32768, others from 49152), so that nobody takes one meanwhile.
    private const int First = 20_000, End = 32_000;

    /// <summary><paramref name="count"/> ports in a row that are free on <paramref name="address"/>, from a random start.</summary>
    /// <exception cref="LaunchException">There are none.</exception>
    public static int FindRange(IPAddress address, int count, Random random)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (count > End - First) throw new LaunchException($"There are no {count} ports between {First} and {End - 1}: at most {End - First} workers can have free ports of this machine.");
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var start = random.Next(First, End - count + 1);
            if (Enumerable.Range(start, count).All(port => IsFree(address, port))) return start;
        }

        throw new LaunchException($"Found no {count} free ports in a row between {First} and {End - 1} at {address}.");
    }

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (OperatingSystem.IsWindows()) socket.ExclusiveAddressUse = true;
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
