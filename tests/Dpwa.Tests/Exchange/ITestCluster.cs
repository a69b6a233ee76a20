using Dpwa.Peers;

namespace Dpwa.Tests.Exchange;

/// <summary>A few nodes that a scenario drives: over real transports, or on virtual time. Node <c>i</c> is named <c>w{i+1}</c> and its model is filled with i.</summary>
public interface ITestCluster : IAsyncDisposable
{
    float[] Values(int node);
    void SetValues(int node, float[] values);
    void Send(int node, double loss = 1);
    Task<UpdateResult> Wait(int node, double loss = 1);
    double Clock(int node);
    IReadOnlyList<PeerStatus> Peers(int node);

    /// <summary>How many requests for parameters the node has sent.</summary>
    int Fetches(int node);

    /// <summary>Ends a node as kill −9 does.</summary>
    void Kill(int node);

    /// <summary>Starts a killed node again, with a new life.</summary>
    void Restart(int node);

    /// <summary>Stops a node as SIGSTOP does.</summary>
    void Freeze(int node);

    /// <summary>Lets it go on.</summary>
    void Thaw(int node);

    /// <summary>A node says goodbye; every other one has heard it when this completes.</summary>
    Task Leave(int node);

    /// <summary>Time passes while nothing is under way.</summary>
    void Pass(TimeSpan time);

    /// <summary>No snapshot of any node is held once everything has come to rest.</summary>
    Task NothingIsLeased();
}

/// <summary>Draws the peers in the order of their names for as long as they may be asked, so that a scenario knows who is asked first.</summary>
internal sealed class InOrderSelector : IPeerSelector
{
    public string Name => "in_order";

    public int Select(IPeerCandidates candidates) =>
        Enumerable.Range(0, candidates.Count).OrderBy(candidates.Name, StringComparer.Ordinal).Where(candidates.IsEligible).FirstOrDefault(-1);
}
