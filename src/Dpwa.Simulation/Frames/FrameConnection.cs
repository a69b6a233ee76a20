using System.Threading.Tasks.Sources;
using Dpwa.Exchange;
using Dpwa.Transport;

namespace Dpwa.Simulation.Frames;

/// <summary>
/// One end of a virtual connection, as the production code sees it: frames on a stream of bytes. What it waits for, an event of the simulation brings, and who awaits it goes on within that
/// event: one thread, and no chance.
/// </summary>
/// <param name="remote">The name of the other end.</param>
/// <param name="send">Sends some of the bytes. <see cref="SentPiece"/> says later how many.</param>
internal sealed class FrameConnection(string remote, Action<ReadOnlyMemory<byte>> send) : FramedConnection
{
    private readonly Queue<byte[]> _arrived = new();
    private readonly Awaited _receiving = new();
    private readonly Awaited _sending = new();
    private Memory<byte> _buffer;
    private int _taken;
    private bool _isAtEnd;
    private bool _isClosed;

    public override string Remote => remote;

    /// <summary>Bytes have come.</summary>
    public void Arrive(byte[] piece)
    {
        if (_isClosed || _isAtEnd)
            return;
        _arrived.Enqueue(piece);
        if (_receiving.IsAwaited)
            _receiving.Complete(Copy(_buffer));
    }

    /// <summary>The other side sends no more.</summary>
    public void ArriveEnd()
    {
        _isAtEnd = true;
        if (_receiving.IsAwaited)
            _receiving.Complete(0);
    }

    /// <summary>What was given to send has left.</summary>
    public void SentPiece(int count)
    {
        if (_sending.IsAwaited)
            _sending.Complete(count);
    }

    /// <summary>Sends bytes as they are, none perhaps.</summary>
    public ValueTask<int> RepeatAsync(byte[] bytes) => SendSomeAsync(bytes);

    /// <summary>Its pump closes it instead, when all has been sent.</summary>
    public override void FinishSending()
    {
    }

    protected override ValueTask<int> SendSomeAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_isClosed)
            throw Reset();
        send(bytes);
        return _sending.Wait();
    }

    protected override ValueTask<int> ReceiveAsync(Memory<byte> bytes)
    {
        if (_isClosed)
            throw Reset();
        if (_arrived.Count > 0)
            return new(Copy(bytes));
        if (_isAtEnd)
            return new(0);
        _buffer = bytes;
        return _receiving.Wait();
    }

    /// <summary>First the sender lets go of what it holds, as the production pump has it.</summary>
    protected override void Dispose(bool disposing)
    {
        if (_isClosed)
            return;
        _isClosed = true;
        if (_sending.IsAwaited)
            _sending.Fail(Reset());
        if (_receiving.IsAwaited)
            _receiving.Fail(Reset());
    }

    private int Copy(Memory<byte> buffer)
    {
        byte[] piece = _arrived.Peek();
        int count = Math.Min(buffer.Length, piece.Length - _taken);
        piece.AsSpan(_taken, count).CopyTo(buffer.Span);
        _taken += count;
        if (_taken == piece.Length)
        {
            _arrived.Dequeue();
            _taken = 0;
        }

        return count;
    }

    private TransportException Reset() => new(new(FailureKind.Closed, $"the connection to {remote} was reset"));

    /// <summary>An operation that an event completes.</summary>
    private sealed class Awaited : IValueTaskSource<int>
    {
        private ManualResetValueTaskSourceCore<int> _core;

        public bool IsAwaited { get; private set; }

        public ValueTask<int> Wait()
        {
            _core.Reset();
            IsAwaited = true;
            return new(this, _core.Version);
        }

        public void Complete(int count)
        {
            IsAwaited = false;
            _core.SetResult(count);
        }

        public void Fail(Exception why)
        {
            IsAwaited = false;
            _core.SetException(why);
        }

        public int GetResult(short token) => _core.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
    }
}
