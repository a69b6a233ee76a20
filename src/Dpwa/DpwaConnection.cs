namespace Dpwa;

/// <summary>STUB of the public surface, being written: a worker's place in the cluster.</summary>
public sealed class DpwaConnection : IAsyncDisposable, IDisposable
{
    public DpwaConnection(string name, DpwaOptions options) => throw new NotImplementedException();
    public DpwaConnection(string name, DpwaOptions options, IParameterSet parameters) => throw new NotImplementedException();
    public void UpdateSend(ReadOnlySpan<float> parameters, double loss) => throw new NotImplementedException();
    public UpdateResult UpdateWait(Span<float> parameters, double loss) => throw new NotImplementedException();
    public void UpdateSend(double loss) => throw new NotImplementedException();
    public UpdateResult UpdateWait(double loss) => throw new NotImplementedException();
    public ValueTask<UpdateResult> UpdateWaitAsync(Memory<float> parameters, double loss, CancellationToken ct = default) => throw new NotImplementedException();
    public ValueTask<UpdateResult> UpdateWaitAsync(double loss, CancellationToken ct = default) => throw new NotImplementedException();
    public void AddPeer(DpwaNode node) => throw new NotImplementedException();
    public bool RemovePeer(string name) => throw new NotImplementedException();
    public double Clock => throw new NotImplementedException();
    public IReadOnlyList<PeerStatus> Peers => throw new NotImplementedException();
    public System.Net.EndPoint ListenEndPoint => throw new NotImplementedException();
    public void Dispose() => throw new NotImplementedException();
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
