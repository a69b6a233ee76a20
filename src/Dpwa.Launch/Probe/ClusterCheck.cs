using System.Net;
using Dpwa.Launch.Hosts;

namespace Dpwa.Launch.Probe;

/// <summary>Looks at every node of a configuration and says in words what is wrong and what to do.</summary>
/// <param name="hosts">Resolves their hosts.</param>
/// <param name="probe">Asks them.</param>
/// <param name="ports">Tries whether those of this machine can listen.</param>
public sealed class ClusterCheck(IHostLookup hosts, INodeProbe probe, PortCheck ports)
{
    // Debian's installer writes it into /etc/hosts as the address of the machine's own name.
    private static readonly IPAddress Debian = IPAddress.Parse("127.0.1.1");

    /// <summary>All nodes at the same time.</summary>
    /// <returns>One report a node, in their order.</returns>
    public async Task<IReadOnlyList<NodeReport>> RunAsync(IReadOnlyList<DpwaNode> nodes, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        var reports = await Task.WhenAll(nodes.Select(node => CheckAsync(node, ct))).ConfigureAwait(false);
        return ModelCheck.Apply([.. reports.Select(report => report with { Advice = [.. report.Advice, .. AdviceFromOthers(report, reports)] })]);
    }

    private async Task<NodeReport> CheckAsync(DpwaNode node, CancellationToken ct)
    {
        var addresses = await hosts.ResolveAsync(node.Host, ct).ConfigureAwait(false);
        if (addresses.Count == 0)
            return new(node, NodeState.Unresolved, addresses, IsLocal: false, [$"The host '{node.Host}' is not known here: correct it, use an address, or add it to the DNS or to the hosts file."]);

        var isLocal = addresses.Any(hosts.IsOwn);
        var advice = new List<string>();
        if (addresses.Contains(Debian) && node.Listen is null)
            advice.Add($"'{node.Host}' is 127.0.1.1 on this machine (Debian maps its own name so): other machines will not reach it. Add 'listen: 0.0.0.0' to this node.");
        if (node.Port == 0) return new(node, NodeState.NoPort, addresses, isLocal, [.. advice, "Its port is chosen when it starts: other nodes cannot find it by this file."]);

        var found = await ProbeAsync(node, addresses, ct).ConfigureAwait(false);
        var problem = found.Outcome is ProbeOutcome.Refused && isLocal ? ports.FindProblem(node) : null;

        // It may have started between the two looks.
        if (problem is not null) found = await ProbeAsync(node, addresses, ct).ConfigureAwait(false);
        var state = found.Outcome switch
        {
            ProbeOutcome.Running => NodeState.Running,
            ProbeOutcome.Stranger => NodeState.Stranger,
            ProbeOutcome.Refused => NodeState.NotRunning,
            ProbeOutcome.Silent or ProbeOutcome.TimedOut => NodeState.TimedOut,
            _ => NodeState.Unreachable,
        };
        if (state is NodeState.NotRunning && problem is not null)
            return new(node, NodeState.CannotListen, addresses, isLocal, [.. advice, Sentence(WithoutPlace(problem, node))]);
        return new(node, state, addresses, isLocal, [.. advice, .. ProbeAdvice.For(node, found)]) { Greeting = found.Greeting };
    }

    // A name may have several addresses, and a worker listens on one: the best answer counts.
    private async Task<ProbeResult> ProbeAsync(DpwaNode node, IReadOnlyList<IPAddress> addresses, CancellationToken ct)
    {
        var found = await Task.WhenAll(addresses.Select(address => probe.ProbeAsync(node, new(address, node.Port), ct))).ConfigureAwait(false);
        return found.MinBy(result => result.Outcome)!;
    }

    private static IEnumerable<string> AdviceFromOthers(NodeReport report, IReadOnlyList<NodeReport> all)
    {
        var isLoopback = report.Addresses.Count > 0 && report.Addresses.All(IPAddress.IsLoopback);
        if (isLoopback && !report.Addresses.Contains(Debian) && all.Any(other => other is { IsLocal: false, Addresses.Count: > 0 }))
            yield return $"'{report.Node.Host}' means this machine only, and other nodes are elsewhere: they cannot reach it. Give the name or address that they know it by.";
    }

    // Whoever shows the report says the place anyway.
    private static string WithoutPlace(string problem, DpwaNode node) =>
        node.Source is not null && problem.StartsWith($"{node.Source}: ", StringComparison.Ordinal) ? problem[(node.Source.Length + 2)..] : problem;

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..].TrimEnd('.') + ".";
}
