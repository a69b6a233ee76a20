using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Dpwa.Averaging;
using Dpwa.Diagnostics;
using Dpwa.Forms;
using Dpwa.Runtime;
using Dpwa.Snapshots;
using Dpwa.Transport;
using Microsoft.Extensions.Logging;

namespace Dpwa;

/// <summary>
/// A worker's place in the cluster. Around each batch call <c>UpdateSend</c>, which publishes the parameters and starts fetching a random peer's in
/// the background, and <c>UpdateWait</c>, which mixes in what came. Peers that are late, slow, dead or hostile never stop the training, and
/// alone a worker trains as if there were no cluster. One thread at a time may call the <c>Update</c> methods; everything else is thread-safe.
/// </summary>
public sealed partial class DpwaConnection : IAsyncDisposable, IDisposable
{
    private const int Left = 2;

    private readonly string _name;
    private readonly NodeRuntime _runtime;
    private readonly DpwaOptions _options;
    private readonly ILogger _logger;
    private readonly IParameterSet? _parameters;
    private ParameterLayout? _layout;
    private ModelForm? _form;
    private SnapshotStore? _store;
    private bool _warnedNotFinite;
    private DateTimeOffset? _began;
    private int _inUse;
    private int _disposed;

    /// <summary>Joins the cluster with a flat vector of parameters: use the overloads that take one. Binds and listens.</summary>
    /// <param name="name">The worker's name in <see cref="DpwaOptions.Nodes"/>.</param>
    /// <param name="options">The configuration.</param>
    /// <exception cref="DpwaConfigurationException">The options cannot be used, or have no node of this name.</exception>
    /// <exception cref="DpwaBindException">The node's address is taken, or is not one of this machine.</exception>
    public DpwaConnection(string name, DpwaOptions options)
        : this(name, options, parameters: null, Encryption.Transport(name, options)) => Encryption.WarnIfOpen(options, ListenEndPoint);

    /// <summary>Joins the cluster with the parameters of a model. Binds and listens.</summary>
    /// <param name="name">The worker's name in <see cref="DpwaOptions.Nodes"/>.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="parameters">The model's live parameters.</param>
    /// <exception cref="DpwaConfigurationException">The options cannot be used, also not with this model, or have no node of this name.</exception>
    /// <exception cref="DpwaBindException">The node's address is taken, or is not one of this machine.</exception>
    public DpwaConnection(string name, DpwaOptions options, IParameterSet parameters)
        : this(name, options, parameters ?? throw new ArgumentNullException(nameof(parameters)), Encryption.Transport(name, options)) => Encryption.WarnIfOpen(options, ListenEndPoint);

    /// <summary>Joins the cluster over a transport of one's choice.</summary>
    /// <param name="name">The worker's name in <see cref="DpwaOptions.Nodes"/>.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="parameters">The model's live parameters, or null for flat vectors.</param>
    /// <param name="transport">What carries the messages.</param>
    /// <exception cref="DpwaConfigurationException">The options cannot be used, also not with this transport, or have no node of this name.</exception>
    /// <exception cref="DpwaBindException">The node's address is taken, or is not one of this machine.</exception>
    public DpwaConnection(string name, DpwaOptions options, IParameterSet? parameters, ITransport transport)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(transport);
        options.Validate();
        Encryption.ThrowIfDropped(options, transport);
        DpwaNode self = options.Node(name);
        (_name, _options) = (name, options);
        _logger = options.LoggerFactory.CreateLogger("Dpwa");
        _parameters = parameters;
        ParameterLayout? layout = parameters?.Layout;

        // Before the address is taken: a model that the options do not go with leaves nothing behind.
        ModelForm? form = layout is null ? null : ModelForm.Create(layout, options);
        _runtime = new NodeRuntime(self, options, transport);
        if (form is not null)
            Bind(layout!, form);
    }

    /// <summary>Raised by <c>UpdateWait</c>, on its thread, after each exchange and each that was tried in vain or is late; not after a step that did not exchange. It costs nothing while nobody listens. What a
    /// listener throws comes out of <c>UpdateWait</c>; the exchange is done by then.</summary>
    public event EventHandler<UpdateResult>? Exchanged;

    /// <summary>The clock: +1 at each <c>UpdateSend</c>, averaged with the peer's at each exchange.</summary>
    public double Clock => _runtime.Clock;

    /// <summary>How this worker is, and what its last exchanges came to: what it also tells <c>dpwa status</c>, over its own protocol.</summary>
    public NodeStatus Status => _runtime.Status(after: 0);

    /// <summary>Tells how many samples have been trained on since the last time, so that <see cref="Status"/> has samples a second beside steps.</summary>
    /// <param name="count">At least 0; for instance the size of a batch, once a step.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public void AddSamples(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _runtime.Journal.AddSamples(count);
    }

    /// <summary>What this node knows of each peer.</summary>
    public IReadOnlyList<PeerStatus> Peers => _runtime.Peers;

    /// <summary>Where this node listens; of interest when the configured port is 0.</summary>
    public EndPoint ListenEndPoint => _runtime.EndPoint;

    /// <summary>Publishes a flat vector and starts fetching a peer's. Called again before <c>UpdateWait</c> it replaces what is published and keeps the fetch under way.</summary>
    /// <param name="parameters">float32 values, as many at each call. They are copied before this returns.</param>
    /// <param name="loss">The present loss; it travels with the parameters.</param>
    /// <exception cref="ArgumentException">The vector is empty or of another length than before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The loss decides the factor, and is negative or not finite.</exception>
    public void UpdateSend(ReadOnlySpan<float> parameters, double loss)
    {
        using Turn turn = Begin(flat: true);
        CheckLength(parameters.Length);
        if (NeedsModel)
            throw new InvalidOperationException("The configuration says 'bootstrap: peer', and a vector that is only read cannot take a model over: call Bootstrap(parameters) before the first UpdateSend.");
        Send(new FlatVector(parameters), loss);
    }

    /// <summary>Publishes the parameter set and starts fetching a peer's. With <c>bootstrap: peer</c> the first call takes a peer's model over before (<see cref="Bootstrap(TimeSpan?)"/>).</summary>
    /// <param name="loss">The present loss; it travels with the parameters.</param>
    /// <exception cref="ArgumentOutOfRangeException">The loss decides the factor, and is negative or not finite.</exception>
    public void UpdateSend(double loss)
    {
        using Turn turn = Begin(flat: false);
        _parameters!.Load();
        if (NeedsModel && Adopt(_parameters, wait: null).HasModel)
            _parameters.Store();
        Send(_parameters, loss);
    }

    /// <summary>Waits for the fetch, never beyond the exchange deadline, and mixes what came into <paramref name="parameters"/>, in place, on this thread. With
    /// <see cref="LateFetch.Skip"/> it does not wait.</summary>
    /// <param name="parameters">float32 values, as many as were sent.</param>
    /// <param name="loss">The present loss.</param>
    /// <exception cref="ArgumentException">The vector is of another length than before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The loss decides the factor, and is negative or not finite.</exception>
    public UpdateResult UpdateWait(Span<float> parameters, double loss)
    {
        using Turn turn = Begin(flat: true);
        long start = Stopwatch.GetTimestamp();
        if (_layout is null)
            return default(UpdateResult) with { Outcome = UpdateOutcome.NotFetching };
        CheckLength(parameters.Length);
        return Apply(new FlatVector(parameters), _runtime.UpdateWait(loss), loss, start);
    }

    /// <summary>Waits for the fetch, never beyond the exchange deadline, and mixes what came into the parameter set, in place, on this thread.</summary>
    /// <param name="loss">The present loss.</param>
    /// <exception cref="ArgumentOutOfRangeException">The loss decides the factor, and is negative or not finite.</exception>
    public UpdateResult UpdateWait(double loss)
    {
        using Turn turn = Begin(flat: false);
        long start = Stopwatch.GetTimestamp();
        return Apply(_parameters!, _runtime.UpdateWait(loss), loss, start);
    }

    /// <summary>Like <see cref="UpdateWait(Span{float}, double)"/> without holding a thread while it waits.</summary>
    /// <param name="parameters">float32 values, as many as were sent; not to be touched until the task completes.</param>
    /// <param name="loss">The present loss.</param>
    /// <param name="ct">Stops the waiting; the exchange goes on and the next call finds it.</param>
    public async ValueTask<UpdateResult> UpdateWaitAsync(Memory<float> parameters, double loss, CancellationToken ct = default)
    {
        using Turn turn = Begin(flat: true);
        long start = Stopwatch.GetTimestamp();
        if (_layout is null)
            return default(UpdateResult) with { Outcome = UpdateOutcome.NotFetching };
        CheckLength(parameters.Length);
        Decision decision = await _runtime.UpdateWaitAsync(loss, ct).ConfigureAwait(false);
        return Apply(new FlatVector(parameters.Span), decision, loss, start);
    }

    /// <summary>Like <see cref="UpdateWait(double)"/> without holding a thread while it waits.</summary>
    /// <param name="loss">The present loss.</param>
    /// <param name="ct">Stops the waiting; the exchange goes on and the next call finds it.</param>
    public async ValueTask<UpdateResult> UpdateWaitAsync(double loss, CancellationToken ct = default)
    {
        using Turn turn = Begin(flat: false);
        long start = Stopwatch.GetTimestamp();
        Decision decision = await _runtime.UpdateWaitAsync(loss, ct).ConfigureAwait(false);
        return Apply(_parameters!, decision, loss, start);
    }

    /// <summary>Adds a peer, or changes the address of one.</summary>
    /// <exception cref="DpwaConfigurationException">Its name, host or port cannot be used.</exception>
    public void AddPeer(DpwaNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        (_options with { Nodes = [node], Topology = Topology.Random, Graph = [] }).Validate();
        _runtime.AddPeer(node);
    }

    /// <summary>Removes a peer; it is not asked any more. Gives whether it was one.</summary>
    public bool RemovePeer(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _runtime.RemovePeer(name);
    }

    /// <summary>Says goodbye to the others, so that they stop asking, and frees the address. Takes at most a few seconds, whatever they do.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _runtime.DisposeAsync().ConfigureAwait(false);
        Volatile.Write(ref _disposed, Left);
        ReleaseMemory();
    }

    /// <summary>As <see cref="DisposeAsync"/>, holding the thread.</summary>
    public void Dispose() => DisposeAsync().AsTask().Wait();

    /// <summary>Once the node has left and no trainer is inside an Update method any more; whoever is last does it, and keeps the turn for good.</summary>
    private void ReleaseMemory()
    {
        if (Volatile.Read(ref _disposed) == Left && Interlocked.Exchange(ref _inUse, 1) == 0)
            _store?.Dispose();
    }

    private void Send<TModel>(TModel model, double loss)
        where TModel : IModelMemory, allows ref struct
    {
        // Before anything is written: what the node does not take must not count as published, or the next step would write where it still serves.
        _runtime.CheckLoss(loss);

        // The exchange that is told of begins with the step that begins to fetch; one that is late goes on.
        if (DpwaTracing.IsOn)
            _began ??= _options.TimeProvider.GetUtcNow();

        // A local step publishes nothing.
        bool publishes = _runtime.ExchangesNext;
        Snapshot? snapshot = publishes ? _store!.TryWrite() : null;
        if (snapshot is null && publishes)
        {
            DpwaMeter.PublishSkipped(_name, "readers");
        }
        else if (snapshot is not null && !_form!.Publish(model, snapshot, _runtime.NextRound))
        {
            snapshot = null;
            DpwaMeter.PublishSkipped(_name, "not_finite");
            if (!_warnedNotFinite)
                _logger.NotPublishedNotFinite();
            _warnedNotFinite = true;
        }

        try
        {
            _runtime.UpdateSend(loss, snapshot);
            _runtime.Journal.Sent(loss);
        }
        finally
        {
            // Once the node may serve it, nobody writes there, whatever else went wrong.
            if (snapshot is not null)
                _store!.Published(snapshot);
        }
    }

    private UpdateResult Apply<TModel>(TModel model, in Decision decision, double loss, long start)
        where TModel : IModelMemory, allows ref struct
    {
        Decision done = decision;
        using (decision.Payload)
        using (decision.Incoming?.Payload)
        {
            if (decision.Payload is not null || decision.Incoming is not null)
            {
                _parameters?.Load();
                done = _form!.Mix(model, decision);
                _parameters?.Store();
            }
        }

        if (done.WasLimited)
            _runtime.CarriedOut(done);
        UpdateResult result = done.ToResult(Stopwatch.GetElapsedTime(start));
        DpwaMeter.Updated(_name, result, fetched: done.Outcome == UpdateOutcome.Averaged);
        _runtime.Journal.Waited(result, loss, _runtime.Round);
        Tell(result);
        return result;
    }

    private void Tell(in UpdateResult result)
    {
        if (DpwaTracing.IsOn && result.Outcome is not (UpdateOutcome.NotFetching or UpdateOutcome.Late))
        {
            DateTimeOffset now = _options.TimeProvider.GetUtcNow();
            DpwaTracing.Exchange(_name, result, _began ?? now - result.Waited, now);
        }

        if (result.Outcome != UpdateOutcome.Late)
            _began = null;
        if (result.Outcome != UpdateOutcome.NotFetching)
            Exchanged?.Invoke(this, result);
    }

    private void Bind(ParameterLayout layout, ModelForm form)
    {
        (_layout, _form) = (layout, form);
        _store = new SnapshotStore(form.Published, _runtime.SetLayout(form.Published));
    }

    private void Bind(ParameterLayout layout) => Bind(layout, ModelForm.Create(layout, _options));

    private void CheckLength(int length)
    {
        if (length == 0)
            throw new ArgumentException("There are no parameters.", nameof(length));
        if (_layout is null)
            Bind(ParameterLayout.Flat(length));
        else if (_layout.Elements != length)
            throw new ArgumentException($"This vector has {length} parameters; before it were {_layout.Elements}.", nameof(length));
    }

    private Turn Begin(bool flat)
    {
        if (flat == _parameters is not null)
        {
            throw new InvalidOperationException(flat
                ? "This connection has a parameter set: call UpdateSend(loss) and UpdateWait(loss)."
                : "This connection has no parameter set: call UpdateSend(parameters, loss) and UpdateWait(parameters, loss).");
        }

        return Begin();
    }

    private Turn Begin()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (Interlocked.Exchange(ref _inUse, 1) != 0)
            throw new InvalidOperationException("Another thread is inside UpdateSend or UpdateWait of this connection.");
        return new Turn(this);
    }

    /// <summary>One call of an Update method at a time.</summary>
    private readonly struct Turn(DpwaConnection connection) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Exchange(ref connection._inUse, 0);
            connection.ReleaseMemory();
        }
    }

    /// <summary>A flat vector, cut into the pieces of its layout.</summary>
    private readonly ref struct FlatVector : IModelMemory
    {
        private const int PieceElements = (int)(ParameterLayout.MaxTensorBytes / sizeof(float));

        private readonly Span<float> _values;

        public FlatVector(Span<float> values) => _values = values;

        public FlatVector(ReadOnlySpan<float> values)
            : this(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(values), values.Length))
        {
        }

        public Span<byte> Segment(int index)
        {
            Span<float> rest = _values[(index * PieceElements)..];
            return MemoryMarshal.AsBytes(rest[..Math.Min(rest.Length, PieceElements)]);
        }
    }
}
