using Dpwa.Transport;

namespace Dpwa.Launch.Hosts;

/// <summary>Whether nodes of this machine will be able to listen: does what they will do, and undoes it at once.</summary>
/// <param name="transport">What they will listen with.</param>
public sealed class PortCheck(ITransport transport)
{
    /// <summary>One sentence, with its place in the configuration, for each node that cannot listen.</summary>
    public IReadOnlyList<string> FindProblems(IEnumerable<DpwaNode> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        return [.. nodes.Select(FindProblem).OfType<string>()];
    }

    /// <summary>Why this node cannot listen, with its place in the configuration; or null.</summary>
    public string? FindProblem(DpwaNode node)
    {
        try
        {
            transport.Listen(node).Dispose();
            return null;
        }
        catch (DpwaBindException e)
        {
            return e.Message;
        }
    }
}
