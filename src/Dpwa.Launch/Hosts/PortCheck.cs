using System.Net;
using System.Net.Sockets;

namespace Dpwa.Launch.Hosts;

/// <summary>Whether nodes of this machine will be able to listen.</summary>
public static class PortCheck
{
    /// <summary>Tries each node's address and gives it back at once.</summary>
    /// <returns>One sentence, with its place in the configuration, for each node that cannot listen.</returns>
    public static async Task<IReadOnlyList<string>> FindProblemsAsync(IEnumerable<DpwaNode> nodes, IHostLookup hosts, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(hosts);
        var problems = new List<string>();
        foreach (var node in nodes)
        {
            if (await FindProblemAsync(node, hosts, ct).ConfigureAwait(false) is not { } problem) continue;
            problems.Add(node.Source is null ? problem : $"{node.Source}: {problem}");
        }

        return problems;
    }

    /// <summary>Why this node cannot listen, or null.</summary>
    public static async Task<string?> FindProblemAsync(DpwaNode node, IHostLookup hosts, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(hosts);
        var name = node.Listen ?? node.Host;
        var addresses = await hosts.ResolveAsync(name, ct).ConfigureAwait(false);
        if (addresses.Count == 0) return $"worker '{node.Name}' cannot listen on '{name}': the name is not known; correct it, or set 'listen:' to an address of this machine";
        // A name like localhost has several addresses. One in use is trouble; one that this machine lacks (no IPv6) is not while another works.
        var errors = addresses.Select(address => TryListen(new(address, node.Port))).ToArray();
        return errors.Contains(SocketError.AddressAlreadyInUse) ? Explain(node, name, SocketError.AddressAlreadyInUse)
            : errors.Contains(null) ? null
            : Explain(node, name, errors[0]!.Value);
    }

    internal static SocketError? TryListen(IPEndPoint where)
    {
        try
        {
            using var socket = new Socket(where.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (OperatingSystem.IsWindows()) socket.ExclusiveAddressUse = true;
            socket.Bind(where);
            socket.Listen(1);
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private static string Explain(DpwaNode node, string name, SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => $"port {node.Port} at {name} of worker '{node.Name}' is in use: end what uses it (an earlier run? 'dpwa stop'), or choose another port",
        SocketError.AddressNotAvailable => $"worker '{node.Name}' cannot listen on {name}: it is not an address of this machine; set 'listen: 0.0.0.0' to listen on every one",
        SocketError.AccessDenied => $"worker '{node.Name}' may not listen on port {node.Port}: ports below 1024 need a privilege; choose another",
        _ => $"worker '{node.Name}' cannot listen on {name}:{node.Port} ({error})",
    };
}
