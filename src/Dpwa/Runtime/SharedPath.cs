using System.Net;
using Dpwa.Transport.SharedMemory;

namespace Dpwa.Runtime;

/// <summary>Whether a node's snapshots are put where others of its host can read them in place.</summary>
internal static class SharedPath
{
    /// <summary>Shared memory for the snapshots; null where it is not wanted, of no use, or not to be had, which is logged.</summary>
    public static SharedSnapshots? TryCreate(DpwaNode self, DpwaOptions options, IEnumerable<DpwaNode> members, ParameterLayout layout, NodeLog log)
    {
        if (options.Transport == TransportChoice.Tcp || (options.Transport == TransportChoice.Auto && !HasNeighbours(self, members)))
            return null;
        if (!Memfd.IsSupported)
        {
            if (options.Transport == TransportChoice.SharedMemory)
                log.NotShared("this system has no memfd_create; Linux does");
            return null;
        }

        try
        {
            return new SharedSnapshots(layout, options.MaxConnections, options.TimeProvider);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EntryPointNotFoundException or DllNotFoundException)
        {
            log.NotShared(e.Message);
            return null;
        }
    }

    /// <summary>By the text of the configuration: a cluster on loopback is on one host, and who gives the same host is on the same.</summary>
    private static bool HasNeighbours(DpwaNode self, IEnumerable<DpwaNode> members) =>
        IsLoopback(self.Host) || members.Any(node => string.Equals(node.Host, self.Host, StringComparison.OrdinalIgnoreCase));

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
