using System.Diagnostics.CodeAnalysis;
using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Status;
using Dpwa.Transport;
using Dpwa.Transport.SharedMemory;

namespace Dpwa.Runtime;

/// <summary>
/// Moves the messages of one connection between its transport and the node: one loop receives for as long as the connection lives; whoever
/// queues a message while nobody sends becomes the sender until the queue is empty.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation source without a timer holds nothing, and may be cancelled after the end.")]
internal sealed class ConnectionPump(NodeRuntime runtime, long id) : IMessageReceiver
{
    /// <summary>Little runs on it, but some of that is the user's; it takes memory only as it is used.</summary>
    private const int StackSize = 1024 * 1024;

    private readonly CancellationTokenSource _connecting = new();
    private readonly Queue<Message> _outbox = new();
    private readonly PendingActions _actions = new();
    private readonly PendingActions _sendActions = new();
    private IConnection? _connection;
    private SharedGrant? _grant;
    private SharedReader? _reader;
    private bool _isSending;
    private bool _hasEnded;
    private bool _abort;
    private bool _closeWhenSent;
    private TaskCompletionSource? _senderDone;

    public long Id => id;

    /// <summary>Completes when nothing of this connection runs any more and it holds no lease.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    public bool IsSameHost => _connection?.IsSameHost ?? false;

    public long Received => _connection?.Received ?? 0;

    public long Sent => _connection?.Sent ?? 0;

    /// <summary>Serves a connection that came in. It has no thread before something has come: it may be one of a flood of them that never say anything.</summary>
    public void Start(ITransport transport, IConnection connection)
    {
        lock (_outbox)
            _connection = connection;
        Completion = ServeAsync(transport, connection);
    }

    /// <summary>Opens a connection and uses it.</summary>
    public void Start(ITransport transport, DpwaNode node) => Completion = Run(transport, async () =>
    {
        try
        {
            IConnection connection = await transport.ConnectAsync(node, _connecting.Token).ConfigureAwait(false);
            lock (_outbox)
                _connection = connection;
        }
        catch (Exception e)
        {
            if (e is not TransportException)
                runtime.Log.InternalError(e);
            await End().ConfigureAwait(false);
            runtime.Closed(this, (e as TransportException)?.Failure ?? new(FailureKind.Unreachable, e.Message), _actions);
            runtime.Ended(this);
            return;
        }

        runtime.Connected(this, _actions);
        await RunAsync(isAccepted: false).ConfigureAwait(false);
    });

    /// <summary>The answer to who asks for this node's snapshots as shared memory.</summary>
    public Message Share(in MessageHeader header, SharedSnapshots? snapshots)
    {
        lock (_outbox)
        {
            if (Memfd.IsSupported && snapshots is not null && !_hasEnded && (_grant ??= snapshots.TryGrant()) is { } grant)
                return Message.With(header, new BytesPayload(snapshots.Ticket(grant).Encode()));
        }

        return new(header with { Type = MessageType.Refusal, Reason = RefusalReason.NotShared }, null);
    }

    /// <summary>Opens the peer's shared memory, which the peer's answer describes; when it is open already, the answer shows that the peer lives.</summary>
    public bool TryMap(in MessageHeader header, ReadOnlySpan<byte> ticket, ParameterLayout layout, TimeProvider time, out string problem)
    {
        problem = "this system has no shared memory";
        _reader ??= Memfd.IsSupported ? SharedReader.TryOpen(header, ticket, layout, time, out problem) : null;
        return _reader is not null;
    }

    /// <summary>Queues a message; <see cref="Kick"/> sends it. After the end its body is given back at once.</summary>
    public void Enqueue(in Message message)
    {
        lock (_outbox)
        {
            if (!_hasEnded)
            {
                _outbox.Enqueue(message);
                return;
            }
        }

        message.Release();
    }

    /// <summary>Asks for the end, at once or after what is queued; <see cref="Kick"/> does it.</summary>
    public void Close(bool flush)
    {
        lock (_outbox)
        {
            _abort |= !flush;
            _closeWhenSent |= flush;
        }
    }

    /// <summary>Does what was asked for. Called without the node's gate: sending and closing run other code.</summary>
    public void Kick()
    {
        bool send;
        lock (_outbox)
        {
            send = !_abort && !_hasEnded && !_isSending && _connection is not null && (_outbox.Count > 0 || _closeWhenSent);
            _isSending |= send;
            if (!send && !_abort)
                return;
        }

        if (send)
        {
            // It runs on by itself; RunAsync waits for its end before the connection counts as ended.
            _ = SendLoopAsync();
            return;
        }

        _connecting.Cancel();
        CloseConnection();
    }

    private static Task Run(ITransport transport, Func<Task> action)
    {
        if (!transport.HoldsThreads)
            return Task.Run(action);
        var started = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => started.SetResult(action()), StackSize) { IsBackground = true, Name = "dpwa connection" };
        try
        {
            thread.Start();
        }
        catch (OutOfMemoryException)
        {
            // The system gives no more threads; one of the pool's does as well, if later.
            return Task.Run(action);
        }

        return started.Task.Unwrap();
    }

    public void Partial() => runtime.Partial(this, _actions);

    public IncomingPayload? Admit(in MessageHeader header, out Failure failure) => runtime.Admit(this, header, out failure);

    private async Task ServeAsync(ITransport transport, IConnection connection)
    {
        // A close may have been asked for already.
        Kick();

        // Of one that has ended nothing is received, not even its end: should there be more after all, the thread that accepts all others would wait for it.
        bool hasCome = await connection.FirstBytesAsync().ConfigureAwait(false);
        await (hasCome ? Run(transport, () => RunAsync(isAccepted: true)) : EndAsync(new(FailureKind.Closed, $"{connection.Remote} closed the connection"))).ConfigureAwait(false);
    }

    private async Task RunAsync(bool isAccepted)
    {
        // A close may have been asked for while the connection was being made.
        Kick();
        Failure failure;
        try
        {
            if (isAccepted)
                await _connection!.OpenAsync().ConfigureAwait(false);
            while (true)
                runtime.Received(this, await _connection!.ReceiveAsync(this).ConfigureAwait(false), _actions);
        }
        catch (TransportException e)
        {
            failure = e.Failure;
        }
        catch (Exception e)
        {
            // Not expected; but a fault here must end one connection, not leave its peer waiting for ever.
            runtime.Log.InternalError(e);
            failure = new(FailureKind.Closed, $"an internal error ended the connection: {e.Message}");
        }

        await EndAsync(failure).ConfigureAwait(false);
    }

    private async Task EndAsync(Failure failure)
    {
        CloseConnection();
        await End().ConfigureAwait(false);
        _grant?.Close();
        runtime.Closed(this, failure, _actions);
        runtime.Ended(this);
    }

    /// <summary>Nothing more is sent: leases in the queue are given back, and the sender, if there is one, is waited for.</summary>
    private Task End()
    {
        lock (_outbox)
        {
            _hasEnded = true;
            while (_outbox.TryDequeue(out Message message))
                message.Release();
            if (_isSending)
                _senderDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _senderDone?.Task ?? Task.CompletedTask;
        }
    }

    private async Task SendLoopAsync()
    {
        bool close;
        while (TryDequeue(out Message message, out close))
        {
            try
            {
                if (message.Header.Type == MessageType.Fetch && _reader is not null)
                {
                    runtime.Received(this, runtime.Keep(message.Header, _reader.Fetch(message.Header)), _sendActions);
                }
                else
                {
                    await _connection!.SendAsync(message.Body is StatusPayload status ? status.Write(message.Header) : message).ConfigureAwait(false);
                    runtime.Sent(this, _sendActions);
                }
            }
            catch (Exception e)
            {
                if (e is not TransportException)
                    runtime.Log.InternalError(e);

                // The receiving loop sees the end too, and reports it.
                close = true;
                lock (_outbox)
                    _abort = true;
            }

            if (close)
                break;
        }

        if (close)
            EndConnection();
        lock (_outbox)
        {
            if (close)
                _isSending = false;
            if (!_isSending)
                _senderDone?.TrySetResult();
        }
    }

    /// <summary>After a failure at once; else what was sent still arrives, and the receiving loop ends when the other side has closed too.</summary>
    private void EndConnection()
    {
        bool abort;
        lock (_outbox)
            abort = _abort;
        if (abort)
            CloseConnection();
        else
            _connection!.FinishSending();
    }

    private void CloseConnection()
    {
        if (_connection is null)
            return;
        if (_reader is not null)
            _reader.Close(_connection);
        else
            _connection.Dispose();
    }

    /// <summary>The next message, or the end of this sender's turn: from then on another may begin.</summary>
    private bool TryDequeue(out Message message, out bool close)
    {
        lock (_outbox)
        {
            close = false;
            if (_outbox.TryDequeue(out message))
                return true;

            // Who closes keeps the turn until it has, so that nobody sends behind the close.
            close = _closeWhenSent;
            _isSending = close;
            return false;
        }
    }
}
