using static TorchSharp.torch;

namespace Dpwa.TorchSharp;

/// <summary>
/// A worker that trains a TorchSharp model: <see cref="UpdateSend"/> before a batch, <see cref="UpdateWait"/> after it. The model's parameters and
/// floating-point statistics are exchanged in their own element types and mixed in place (see <see cref="ModuleParameterSet"/>).
/// </summary>
/// <remarks>Not thread-safe: call it from the thread that trains, or in turn.</remarks>
public sealed class DpwaTorchAdapter : IDisposable, IAsyncDisposable
{
    private readonly ModuleParameterSet _parameters;
    private double _lastLoss;

    /// <summary>Joins the cluster of a configuration file.</summary>
    /// <param name="net">The model, in its final types and shapes. It stays the caller's, and must outlive this.</param>
    /// <param name="name">The worker's name among the configuration's nodes.</param>
    /// <param name="configFile">The path of a YAML configuration, the original's or ours.</param>
    /// <param name="torchOptions">Which tensors take part; null: all.</param>
    /// <exception cref="DpwaConfigurationException">The configuration, the name or a filter is wrong.</exception>
    /// <exception cref="DpwaBindException">The node's address cannot be listened on.</exception>
    /// <exception cref="ArgumentException">A tensor cannot be exchanged.</exception>
    public DpwaTorchAdapter(nn.Module net, string name, string configFile, DpwaTorchOptions? torchOptions = null)
        : this(net, name, DpwaOptions.Load(configFile), torchOptions)
    {
    }

    /// <summary>Joins the cluster of <paramref name="options"/>.</summary>
    /// <param name="net">The model, in its final types and shapes. It stays the caller's, and must outlive this.</param>
    /// <param name="name">The worker's name among the nodes.</param>
    /// <param name="options">The cluster.</param>
    /// <param name="torchOptions">Which tensors take part; null: all.</param>
    /// <exception cref="DpwaConfigurationException">The configuration, the name or a filter is wrong.</exception>
    /// <exception cref="DpwaBindException">The node's address cannot be listened on.</exception>
    /// <exception cref="ArgumentException">A tensor cannot be exchanged.</exception>
    public DpwaTorchAdapter(nn.Module net, string name, DpwaOptions options, DpwaTorchOptions? torchOptions = null)
    {
        _parameters = new ModuleParameterSet(net, torchOptions);
        try
        {
            Connection = new DpwaConnection(name, options, _parameters);
        }
        catch
        {
            _parameters.Dispose();
            throw;
        }
    }

    /// <summary>The worker's place in the cluster: add and remove peers here.</summary>
    public DpwaConnection Connection { get; }

    /// <summary>Raised after each exchange, on the thread that trains: <see cref="DpwaConnection.Exchanged"/>, which is its sender.</summary>
    public event EventHandler<UpdateResult>? Exchanged
    {
        add => Connection.Exchanged += value;
        remove => Connection.Exchanged -= value;
    }

    /// <summary>The tensors that are exchanged.</summary>
    public ParameterLayout Layout => _parameters.Layout;

    /// <summary>The worker's clock : +1 at each <c>UpdateSend</c>, averaged with the peer's at each exchange.</summary>
    public double Clock => Connection.Clock;

    /// <summary>What is known of each peer.</summary>
    public IReadOnlyList<PeerStatus> Peers => Connection.Peers;

    /// <summary>For a worker that joins late, before its first <see cref="UpdateSend"/>: the model becomes that of a peer that trains already, if there is one, and the clock and the round too. With
    /// <c>bootstrap: peer</c> the first <see cref="UpdateSend"/> does it.</summary>
    /// <param name="wait">How long it waits without any progress; null: the exchange deadline, ten times <c>timeout_ms</c>.</param>
    /// <exception cref="InvalidOperationException">The worker has begun to train, or the options have a subset.</exception>
    public BootstrapResult Bootstrap(TimeSpan? wait = null) => Connection.Bootstrap(wait);

    /// <summary>Publishes the parameters and starts fetching a peer's in the background. Call it before a batch.</summary>
    /// <param name="loss">The last known loss; what it must be, the factor method says.</param>
    /// <exception cref="InvalidOperationException">The model changed its types or shapes since the adapter was made.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The loss matters and is negative or not finite.</exception>
    public void UpdateSend(double loss) => Connection.UpdateSend(loss);

    /// <summary>Waits for the fetch and mixes what came into the model, on the calling thread. Call it after the batch, the optimizer's step included.
    /// A peer never makes it throw, and it never takes longer than the exchange deadline. With <see cref="LateFetch.Skip"/> it does not wait at all.</summary>
    /// <param name="loss">The batch's loss.</param>
    /// <exception cref="InvalidOperationException">The model changed its types or shapes since the adapter was made.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The loss matters and is negative or not finite.</exception>
    public UpdateResult UpdateWait(double loss) => Connection.UpdateWait(loss);

    /// <summary>As <see cref="UpdateWait"/>, without holding a thread while waiting. Mixing runs on the thread that continues.</summary>
    /// <param name="loss">The batch's loss.</param>
    /// <param name="ct">Ends the waiting; the model is then unchanged.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public ValueTask<UpdateResult> UpdateWaitAsync(double loss, CancellationToken ct = default) => Connection.UpdateWaitAsync(loss, ct);

    /// <summary>A whole step in one call: <see cref="UpdateSend"/> with the loss of the last step (0 in the first), the batch, <see cref="UpdateWait"/> with its loss. When the batch throws, nothing is
    /// mixed, and the next step finds the fetch.</summary>
    /// <param name="train">Trains on a batch, the optimizer's step included, and gives its loss.</param>
    /// <exception cref="InvalidOperationException">The model changed its types or shapes since the adapter was made.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The loss matters and is negative or not finite.</exception>
    public UpdateResult Step(Func<double> train)
    {
        ArgumentNullException.ThrowIfNull(train);
        UpdateSend(_lastLoss);
        double loss = train();
        UpdateResult result = UpdateWait(loss);
        _lastLoss = loss;
        return result;
    }

    /// <summary>At the end of a run: the model becomes the mean of all workers' models, each of which calls this once, after its last <see cref="UpdateWait"/>.</summary>
    /// <param name="loss">The last loss.</param>
    /// <param name="wait">How long to wait for workers that still train; null: the exchange deadline (<see cref="DpwaOptions.DeadlineFor"/>).</param>
    /// <exception cref="InvalidOperationException">The options have a subset, or a value is not finite.</exception>
    public MergeResult FinalMerge(double loss, TimeSpan? wait = null) => Connection.FinalMerge(loss, wait);

    /// <summary>Leaves the cluster. The model stays as it is.</summary>
    public void Dispose()
    {
        Connection.Dispose();
        _parameters.Dispose();
    }

    /// <summary>Leaves the cluster. The model stays as it is.</summary>
    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync().ConfigureAwait(false);
        _parameters.Dispose();
    }
}
