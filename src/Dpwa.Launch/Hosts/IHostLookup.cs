using System.Net;

namespace Dpwa.Launch.Hosts;

/// <summary>What names and addresses mean on this machine.</summary>
public interface IHostLookup
{
    /// <summary>The addresses of a host name or of an address in text; none when it is not known.</summary>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct);

    /// <summary>Whether an address is this machine: a loopback one, or one of its interfaces.</summary>
    bool IsOwn(IPAddress address);
}
