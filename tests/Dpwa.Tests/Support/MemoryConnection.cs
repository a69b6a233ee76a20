using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Transport;

namespace Dpwa.Tests.Support;

/// <summary>A connection that reads given bytes, in pieces of a given size, and keeps what it is told to send.</summary>
internal sealed class MemoryConnection(byte[] input, int pieceSize = int.MaxValue) : FramedConnection
{
    private int _at;

    public List<byte> Output { get; } = [];

    public int Left => input.Length - _at;

    public override string Remote => "memory";

    public override void FinishSending()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }

    protected override ValueTask<int> SendSomeAsync(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> some = bytes.Span[..Math.Min(bytes.Length, pieceSize)];
        Output.AddRange(some);
        return new(some.Length);
    }

    protected override ValueTask<int> ReceiveAsync(Memory<byte> bytes)
    {
        int count = Math.Min(Math.Min(bytes.Length, pieceSize), Left);
        input.AsSpan(_at, count).CopyTo(bytes.Span);
        _at += count;
        return new(count);
    }
}

/// <summary>Admits what it is told to, and remembers what it was asked.</summary>
internal sealed class TestReceiver(Func<MessageHeader, Failure>? judge = null, ParameterLayout? layout = null) : IMessageReceiver
{
    private int _partials;
    private int _returned;

    public List<MessageHeader> Asked { get; } = [];

    public int Partials => Volatile.Read(ref _partials);

    /// <summary>How many bodies have been given back.</summary>
    public int Returned => Volatile.Read(ref _returned);

    public void Partial() => Interlocked.Increment(ref _partials);

    public IncomingPayload? Admit(in MessageHeader header, out Failure failure)
    {
        Asked.Add(header);
        failure = judge?.Invoke(header) ?? default;
        return failure.Kind == FailureKind.None ? new IncomingPayload((long)header.BodyLength, layout, _ => Interlocked.Increment(ref _returned), header.Codec) : null;
    }
}

/// <summary>A body that counts how often it is given back.</summary>
internal sealed class CountedBody(byte[] bytes) : IPayload
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposals;

    public int Disposals => Volatile.Read(ref _disposals);

    /// <summary>Completes when it is given back.</summary>
    public Task Released => _released.Task;

    public long Length => bytes.Length;

    public Memory<byte> Segment(int index) => bytes;

    public void Dispose()
    {
        Interlocked.Increment(ref _disposals);
        _released.TrySetResult();
    }
}
