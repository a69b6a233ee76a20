using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Dpwa.Launch.Hosts;

/// <summary>Asks the system's resolver and its network interfaces.</summary>
public sealed class SystemHostLookup : IHostLookup
{
    private readonly Lazy<HashSet<IPAddress>> _own = new(() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(address => WithoutScope(address.Address))]);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct)
    {
        if (IPAddress.TryParse(host, out var address)) return [address];
        try
        {
            return await Dns.GetHostAddressesAsync(host, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return [];
        }
    }

    /// <inheritdoc/>
    public bool IsOwn(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return IPAddress.IsLoopback(address) || _own.Value.Contains(WithoutScope(address));
    }

    // fe80::1%eth0 and fe80::1%2 are one address.
    private static IPAddress WithoutScope(IPAddress address) => address.AddressFamily is AddressFamily.InterNetworkV6 ? new(address.GetAddressBytes()) : address;
}
