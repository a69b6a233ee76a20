using Dpwa.Launch.Probe;
using Dpwa.Security;

namespace Dpwa.Launch.Doctor;

/// <summary>Whether the nodes of this machine can prove who they are, and for how long.</summary>
public static class IdentityCheck
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    /// <summary>Looks at the certificates and keys of <c>tls</c>, or at the secret of <c>cluster_key</c>.</summary>
    /// <param name="options">The cluster.</param>
    /// <param name="reports">What is known of the nodes. One that runs has read its key, and needs it when it is started again.</param>
    public static IReadOnlyList<Finding> Run(DpwaOptions options, IEnumerable<NodeReport> reports)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(reports);
        return [.. reports.Where(report => report.IsLocal).SelectMany(report => Look(options, report.Node.Name, report.Greeting is not null))];
    }

    private static IEnumerable<Finding> Look(DpwaOptions options, string node, bool isRunning)
    {
        try
        {
            // Certificates that a cluster key makes are made anew by each process.
            if (NodeIdentity.Load(options, node) is not { } identity || options.Tls is null || identity.ValidUntil - options.TimeProvider.GetUtcNow() > Soon) return [];
            return [new(node, IsProblem: false, $"Its certificate, or its authority's, is valid until {identity.ValidUntil:yyyy-MM-dd} only: make a new one before ('dpwa cert FOLDER --renew'), copy it to the node and start that again.")];
        }
        catch (DpwaConfigurationException e)
        {
            return [.. e.Errors.Select(error => new Finding(node, !isRunning, $"{(isRunning ? "When it is started again, it" : "It")} cannot prove who it is: {error}."))];
        }
    }
}
