using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Dpwa.Averaging;
using Dpwa.Diagnostics;
using Dpwa.Forms;
using Dpwa.Runtime;
using Dpwa.Snapshots;
using Dpwa.Transport;
using Dpwa.Transport.Tcp;
using Microsoft.Extensions.Logging;

namespace Dpwa;

/// <summary>
/// A worker's place in the cluster. Around each batch call <c>UpdateSend</c>, which publishes the parameters and starts fetching a random peer's in
/// the background, and <c>UpdateWait</c>, which mixes in what came. Peers that are late, slow, dead or hostile never stop the training, and
/// alone a worker trains as if there were no cluster. One thread at a time may call the <c>Update</c> methods; everything else is thread-safe.
/// </summary>
public sealed class DpwaConnection : IAsyncDisposable, IDisposable
{
    private const int Left = 2;

    private readonly NodeRuntime _runtime;
    private readonly DpwaOptions _options;
    private readonly ILogger _logger;
    private readonly IParameterSet? _parameters;
    private ParameterLayout? _layout;
    private ModelForm? _form;
    private SnapshotStore? _store;
    private bool _warnedNotFinite;
    private int _inUse;
    private int _disposed;

    /// <summary>Joins the cluster with a flat vector of parameters: use the overloads that take one. Binds and listens.</summary>
    /// <param name="name">The worker's name in <see cref="DpwaOptions.Nodes"/>.</param>
    /// <param name="options">The configuration.</param>
    /// <exception cref="DpwaConfigurationException">The options cannot be used, or have no node of this name.</exception>
    /// <exception cref="DpwaBindException">The node's address is taken, or is not one of this machine.</exception>
    public DpwaConnection(string name, DpwaOptions options)
        : this(name, options, parameters: null, new TcpTransport())
    {
    }

    /// <summary>Joins the cluster with the parameters of a model. Binds and listens.</summary>
    /// <param name="name">The worker's name in <see cref="DpwaOptions.Nodes"/>.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="parameters">The model's live parameters.</param>
    /// <exception cref="DpwaConfigurationException">The options cannot be used, also not with this model, or have no node of this name.</exception>
    /// <exception cref="DpwaBindException">The node's address is taken, or is not one of this machine.</exception>
    public DpwaConnection(string name, DpwaOptions options, IParameterSet parameters)
        : this(name, options, parameters ?? throw new ArgumentNullException(nameof(parameters)), new TcpTransport())
    {
    }

    /// <summary>Joins the cluster over a transport of one's choice.</summary>
    /// <param name="name">The worker's name in <see cref="DpwaOptions.Nodes"/>.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="parameters">The model's live parameters, or null for flat vectors.</param>
    /// <param name="transport">What carries the messages.</param>
    /// <exception cref="DpwaConfigurationException">The options cannot be used, or have no node of this name.</exception>
    /// <exception cref="DpwaBindException">The node's address is taken, or is not one of this machine.</exception>
    public DpwaConnection(string name, DpwaOptions options, IParameterSet? parameters, ITransport transport)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(transport);
        options.Validate();
        DpwaNode self = options.Node(name);
        _options = options;
        _logger = options.LoggerFactory.CreateLogger("Dpwa");
        _parameters = parameters;
        ParameterLayout? layout = parameters?.Layout;

        // Before the address is taken: a model that the options do not go with leaves nothing behind.
        ModelForm? form = layout is null ? null : ModelForm.Create(layout, options);
        _runtime = new NodeRuntime(self, options, transport);
        if (form is not null)
            Bind(layout!, form);
    }

    /// <summary>The clock: +1 at each <c>UpdateSend</c>, averaged with the peer's at each exchange.</summary>
    public double Clock => _runtime.Clock;

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
        Send(new FlatVector(parameters), loss);
    }

    /// <summary>Publishes the parameter set and starts fetching a peer's.</summary>
    /// <param name="loss">The present loss; it travels with the parameters.</param>
    /// <exception cref="ArgumentOutOfRangeException">The loss decides the factor, and is negative or not finite.</exception>
    public void UpdateSend(double loss)
    {
        using Turn turn = Begin(flat: false);
        _parameters!.Load();
        Send(_parameters, loss);
    }

    /// <summary>Waits for the fetch, never beyond the exchange deadline, and mixes what came into <paramref name="parameters"/>, in place, on this thread.</summary>
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
        return Apply(new FlatVector(parameters), _runtime.UpdateWait(loss), start);
    }

    /// <summary>Waits for the fetch, never beyond the exchange deadline, and mixes what came into the parameter set, in place, on this thread.</summary>
    /// <param name="loss">The present loss.</param>
    /// <exception cref="ArgumentOutOfRangeException">The loss decides the factor, and is negative or not finite.</exception>
    public UpdateResult UpdateWait(double loss)
    {
        using Turn turn = Begin(flat: false);
        long start = Stopwatch.GetTimestamp();
        return Apply(_parameters!, _runtime.UpdateWait(loss), start);
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
        return Apply(new FlatVector(parameters.Span), decision, start);
    }

    /// <summary>Like <see cref="UpdateWait(double)"/> without holding a thread while it waits.</summary>
    /// <param name="loss">The present loss.</param>
    /// <param name="ct">Stops the waiting; the exchange goes on and the next call finds it.</param>
    public async ValueTask<UpdateResult> UpdateWaitAsync(double loss, CancellationToken ct = default)
    {
        using Turn turn = Begin(flat: false);
        long start = Stopwatch.GetTimestamp();
        Decision decision = await _runtime.UpdateWaitAsync(loss, ct).ConfigureAwait(false);
        return Apply(_parameters!, decision, start);
    }

    /// <summary>A copy of what the outer optimizer remembers, to be kept beside a checkpoint of the model. Null without an outer optimizer, and before the first
    /// <c>UpdateSend</c> that publishes.</summary>
    public OuterOptimizerState? ExportOuterState()
    {
        using Turn turn = Begin();
        return (_form as OuterForm)?.Export();
    }

    /// <summary>
    /// Gives the outer optimizer what <see cref="ExportOuterState"/> gave, together with the model of that moment and before the next <c>UpdateSend</c>: training goes on as if it
    /// had not been interrupted, bit for bit. Null begins anew, as is right when the parameters have been set to something else: the next that are published become the slow
    /// copy, and the momentum 0.
    /// </summary>
    /// <param name="state">It is copied.</param>
    /// <exception cref="InvalidOperationException">No outer optimizer is configured.</exception>
    /// <exception cref="ArgumentException">The state is of another model, or a value is not finite. What the optimizer remembers stays.</exception>
    public void ImportOuterState(OuterOptimizerState? state)
    {
        using Turn turn = Begin();
        ImportOuter(state, copy: true);
    }

    /// <summary>What this worker is beside its model: clock, round, push-sum weight and outer optimizer, copied. Ask between <c>UpdateWait</c> and the next <c>UpdateSend</c>, and keep it with a
    /// checkpoint of the model of that moment (<see cref="DpwaCheckpoint"/> does both).</summary>
    public WorkerState ExportState() => ReadState(copy: true);

    /// <summary>
    /// Gives a new connection what <see cref="ExportState"/> gave, together with the model of that moment and before the first <c>UpdateSend</c>: the next round is one more than the saved
    /// one, and where there are no peers training goes on as if it had not been interrupted, bit for bit.
    /// </summary>
    /// <param name="state">It is copied. Its push-sum weight is taken as it is: see docs/methods.md for what that means to the sum of all weights.</param>
    /// <exception cref="InvalidOperationException">The worker has begun to train, or the state has an outer optimizer and the configuration none. Nothing was changed.</exception>
    /// <exception cref="ArgumentException">A number is impossible, or the outer optimizer's state is of another model or not finite. Nothing was changed.</exception>
    public void ImportState(WorkerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Problem() is { } problem)
            throw new ArgumentException($"This state cannot be gone on from: {problem}.", nameof(state));
        WriteState(state, copy: true);
    }

    /// <summary>The parameter set; null for flat vectors.</summary>
    internal IParameterSet? ParameterSet => _parameters;

    /// <summary>The model's layout; null before it is known.</summary>
    internal ParameterLayout? Layout => _layout;

    internal bool HasOuter => _options.Outer is not null;

    internal void ThrowIfBegun() => _runtime.ThrowIfBegun();

    internal WorkerState ReadState(bool copy)
    {
        using Turn turn = Begin();
        (double clock, long round, double weight) = _runtime.State;
        return new(clock, round, weight, (_form as OuterForm)?.Export(copy));
    }

    internal void WriteState(WorkerState state, bool copy)
    {
        using Turn turn = Begin();
        _runtime.ThrowIfBegun();
        if (_options.Outer is not null || state.Outer is not null)
            ImportOuter(state.Outer, copy);
        _runtime.Restore(state.Clock, state.Round, state.Weight);
    }

    private void ImportOuter(OuterOptimizerState? state, bool copy)
    {
        if (_options.Outer is null)
            throw new InvalidOperationException("This connection has no outer optimizer: set 'outer' in the configuration.");

        // Flat vectors: the model is not known before the first UpdateSend, but the state knows it.
        if (_form is null && state is not null && state.Layout.Equals(ParameterLayout.Flat(state.Layout.Elements)))
            Bind(state.Layout);
        if (_form is OuterForm outer)
            outer.Import(state, copy);
        else if (state is not null)
            throw new ArgumentException("This state is of a model of named tensors, not of a flat vector.", nameof(state));
    }

    /// <summary>
    /// At the end of a run: all workers end with the mean of everyone's parameters, which helps strongly when their data differ. Each calls it once, after its last
    /// <c>UpdateWait</c>. It waits for those that still train, and until everyone has taken this worker's parameters, but not for those that have left or cannot be reached.
    /// </summary>
    /// <param name="parameters">float32 values, as many as were sent; the mean is written into them.</param>
    /// <param name="loss">The present loss.</param>
    /// <param name="wait">How long at most; null: the exchange deadline (<see cref="DpwaOptions.EffectiveDeadline"/>).</param>
    /// <exception cref="InvalidOperationException">The options have a subset, which is never the whole model; or a value is not finite; or readers hold every snapshot.</exception>
    public MergeResult FinalMerge(Span<float> parameters, double loss, TimeSpan? wait = null)
    {
        using Turn turn = Begin(flat: true);
        CheckLength(parameters.Length);
        return Merge(new FlatVector(parameters), loss, wait);
    }

    /// <summary>As <see cref="FinalMerge(Span{float}, double, TimeSpan?)"/>, over the parameter set.</summary>
    /// <param name="loss">The present loss.</param>
    /// <param name="wait">How long at most; null: the exchange deadline (<see cref="DpwaOptions.EffectiveDeadline"/>).</param>
    /// <exception cref="InvalidOperationException">The options have a subset, which is never the whole model; or a value is not finite; or readers hold every snapshot.</exception>
    public MergeResult FinalMerge(double loss, TimeSpan? wait = null)
    {
        using Turn turn = Begin(flat: false);
        _parameters!.Load();
        MergeResult result = Merge(_parameters, loss, wait);
        _parameters.Store();
        return result;
    }

    private MergeResult Merge<TModel>(TModel model, double loss, TimeSpan? wait)
        where TModel : IModelMemory, allows ref struct
    {
        if (!_form!.IsWhole)
            throw new InvalidOperationException("With 'subset' a snapshot is never the whole model, so there is nothing to merge; average the workers' saved models instead.");
        Snapshot snapshot = _store!.TryWrite() ?? throw new InvalidOperationException("Readers hold every snapshot of this worker; try again.");
        if (!_form.Publish(model, snapshot, _runtime.NextRound))
            throw new InvalidOperationException("The parameters have a NaN or an infinity, and cannot be merged.");
        try
        {
            _runtime.BeginMerge(loss, snapshot, wait ?? _options.EffectiveDeadline);
        }
        finally
        {
            _store.Published(snapshot);
        }

        while (_runtime.NextMerge() is { Payload: { } payload } next)
        {
            using (payload)
                _form.Merge(model, next);
        }

        return _runtime.MergeResult;
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

        // A local step publishes nothing.
        bool publishes = _runtime.ExchangesNext;
        Snapshot? snapshot = publishes ? _store!.TryWrite() : null;
        if (snapshot is null && publishes)
        {
            DpwaMeter.PublishSkipped("readers");
        }
        else if (snapshot is not null && !_form!.Publish(model, snapshot, _runtime.NextRound))
        {
            snapshot = null;
            DpwaMeter.PublishSkipped("not_finite");
            if (!_warnedNotFinite)
                _logger.NotPublishedNotFinite();
            _warnedNotFinite = true;
        }

        try
        {
            _runtime.UpdateSend(loss, snapshot);
        }
        finally
        {
            // Once the node may serve it, nobody writes there, whatever else went wrong.
            if (snapshot is not null)
                _store!.Published(snapshot);
        }
    }

    private UpdateResult Apply<TModel>(TModel model, in Decision decision, long start)
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
        DpwaMeter.Updated(result);
        return result;
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
