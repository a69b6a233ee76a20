using System.Collections.Concurrent;
using System.Net;
using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Transport;

namespace Dpwa.Tests.Support;

/// <summary>
/// One node's view of a transport, which a test can freeze as SIGSTOP does, or cut as kill −9 does.
/// </summary>
internal sealed class ChaosTransport(ITransport inner) : ITransport
{
    private readonly ConcurrentBag<IDisposable> _open = [];
    private volatile TaskCompletionSource? _thaw;
    private volatile bool _cut;

    public bool HoldsThreads => inner.HoldsThreads;

    public string? Identity => inner.Identity;

    public IListener Listen(DpwaNode node) => Track(new Listener(this, inner.Listen(node)));

    public async ValueTask<IConnection> ConnectAsync(DpwaNode node, CancellationToken cancellationToken)
    {
        await Pass();
        if (_cut)
            throw new TransportException(new(FailureKind.Unreachable, "this node is dead"));
        return Track(new Connection(this, await inner.ConnectAsync(node, cancellationToken)));
    }

    public void Freeze()
    {
        if (_thaw is null)
            _thaw = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Thaw()
    {
        TaskCompletionSource? thaw = _thaw;
        _thaw = null;
        thaw?.TrySetResult();
    }

    /// <summary>Nothing of this node reaches anybody any more, a goodbye neither.</summary>
    public void Cut()
    {
        _cut = true;
        while (_open.TryTake(out IDisposable? open))
            open.Dispose();
        Thaw();
    }

    private T Track<T>(T item)
        where T : IDisposable
    {
        _open.Add(item);
        if (_cut)
            item.Dispose();
        return item;
    }

    private Task Pass() => _thaw?.Task ?? Task.CompletedTask;

    private sealed class Listener(ChaosTransport chaos, IListener inner) : IListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<IConnection?> AcceptAsync()
        {
            IConnection? accepted = await inner.AcceptAsync();
            await chaos.Pass();
            return accepted is null ? null : chaos.Track(new Connection(chaos, accepted));
        }

        public void Dispose() => inner.Dispose();
    }

    private sealed class Connection(ChaosTransport chaos, IConnection inner) : IConnection
    {
        public string Remote => inner.Remote;

        public bool IsSameHost => inner.IsSameHost;

        public long Received => inner.Received;

        public long Sent => inner.Sent;

        public async ValueTask OpenAsync()
        {
            await chaos.Pass();
            await inner.OpenAsync();
        }

        public async ValueTask SendAsync(Message message)
        {
            await chaos.Pass();
            await inner.SendAsync(message);
        }

        public async ValueTask<Message> ReceiveAsync(IMessageReceiver receiver)
        {
            Message message = await inner.ReceiveAsync(receiver);
            await chaos.Pass();
            return message;
        }

        public void FinishSending() => inner.FinishSending();

        public void Dispose() => inner.Dispose();
    }
}

/// <summary>The system's time, which a test can move ahead while nothing is under way.</summary>
internal sealed class SkippingTime(TimeSpan ahead = default) : TimeProvider
{
    private long _ahead = (long)(ahead.TotalSeconds * System.TimestampFrequency);

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => System.GetTimestamp() + Volatile.Read(ref _ahead);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromSeconds(Volatile.Read(ref _ahead) / (double)TimestampFrequency);

    public void Skip(TimeSpan time) => Interlocked.Add(ref _ahead, (long)(time.TotalSeconds * TimestampFrequency));
}
