using System.Net;
using Dpwa.Diagnostics;
using Dpwa.Security;
using Dpwa.Transport;
using Dpwa.Transport.Tcp;
using Dpwa.Transport.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dpwa;

/// <summary>What <c>tls</c> and <c>cluster_key</c> mean for a connection.</summary>
internal static class Encryption
{
    /// <summary>What carries a node's messages when it has not been given a transport.</summary>
    /// <exception cref="DpwaConfigurationException">The node's certificate or key cannot be used.</exception>
    public static ITransport Transport(string name, DpwaOptions options) =>
        NodeIdentity.Load(options, name) is { } identity ? new TlsTransport(identity, options.TimeProvider) : new TcpTransport();

    /// <summary>Who asks for encryption does not silently go without.</summary>
    /// <exception cref="DpwaConfigurationException">The options ask for an identity, and the transport proves none.</exception>
    public static void ThrowIfDropped(DpwaOptions options, ITransport transport)
    {
        if (options is not { Tls: null, ClusterKey: null } && transport.Identity is null)
            throw SecretFile.Wrong(options.Source, $"the options have {(options.Tls is null ? "'cluster_key'" : "'tls'")}, and the transport that was given proves no identity: give a TlsTransport, or none");
    }

    /// <summary>Whoever can be reached from elsewhere, and lets in everybody, says so: in the log, or where there is none, on the standard error stream. A warning that nobody can see is none.</summary>
    public static void WarnIfOpen(DpwaOptions options, EndPoint listening)
    {
        if (options is not { Tls: null, ClusterKey: null } || listening is not IPEndPoint { Address: var address } || IPAddress.IsLoopback(address))
            return;
        ILogger log = options.LoggerFactory is NullLoggerFactory ? StandardError.Log : options.LoggerFactory.CreateLogger("Dpwa");
        log.OpenToAll(listening.ToString()!);
    }
}
