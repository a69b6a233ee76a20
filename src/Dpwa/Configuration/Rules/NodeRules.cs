using System.Net;

namespace Dpwa.Configuration;

/// <summary>What the nodes may be, one by one and beside each other.</summary>
/// <param name="errors">Where errors go.</param>
/// <param name="leastPort">0 in code, where it stands for any free port; a file that all workers share must name the port.</param>
internal sealed class NodeRules(ErrorList errors, int leastPort)
{
    private readonly TextRules texts = new(errors);
    private readonly Dictionary<string, Subject> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Subject> endpoints = new(StringComparer.OrdinalIgnoreCase);

    public bool Host(Subject subject, string value) => texts.Host(subject, value);

    public bool Name(Subject subject, string value)
    {
        if (!texts.Name(subject, value))
            return false;
        if (names.TryAdd(value, subject))
            return true;

        string first = names[value].Where;
        errors.Add(subject.Place, $"{subject.Name} {Words.Quote(value)} is taken by another node, at {first}; every worker has its own");
        return false;
    }

    public bool Port(Subject subject, double value)
    {
        if (value >= leastPort && value <= IPEndPoint.MaxPort)
            return true;

        errors.Add(subject.Place, $"{subject.Name} must be from {leastPort} to {IPEndPoint.MaxPort}, but is {Words.Number(value)}");
        return false;
    }

    /// <summary>No two nodes have the same host and port.</summary>
    public void Endpoint(Subject subject, string host, int port)
    {
        string canonical = IPAddress.TryParse(host, out IPAddress? address) ? address.ToString() : host;
        if (port != 0 && !endpoints.TryAdd($"{canonical} {port}", subject))
        {
            string first = endpoints[$"{canonical} {port}"].Where;
            string taken = $"{subject.Name} {port} on {Words.Quote(host)} is taken by another node, at {first}";
            errors.Add(subject.Place, $"{taken}; two cannot listen on one address");
        }
    }
}
