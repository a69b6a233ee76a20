using System.Threading.Channels;
using Dpwa.Exchange;

namespace Dpwa.Transport.InMemory;

/// <summary>One end of two queues of bytes. They are bounded, so that a reader that stalls stalls the writer, as a socket would.</summary>
internal sealed class PipeConnection(string remote, Channel<byte[]> input, Channel<byte[]> output) : FramedConnection
{
    private const int Chunk = 64 * 1024;
    private const int Chunks = 16;

    private ReadOnlyMemory<byte> _left;
    private volatile bool _disposed;

    public override string Remote => remote;

    public static Channel<byte[]> NewQueue() => Channel.CreateBounded<byte[]>(Chunks);

    public override void FinishSending() => output.Writer.TryComplete();

    protected override async ValueTask<int> SendSomeAsync(ReadOnlyMemory<byte> bytes)
    {
        byte[] piece = bytes[..Math.Min(bytes.Length, Chunk)].ToArray();
        try
        {
            await output.Writer.WriteAsync(piece).ConfigureAwait(false);
            return piece.Length;
        }
        catch (ChannelClosedException e)
        {
            throw Ended(e);
        }
    }

    protected override async ValueTask<int> ReceiveAsync(Memory<byte> bytes)
    {
        while (_left.IsEmpty)
        {
            if (!await input.Reader.WaitToReadAsync().ConfigureAwait(false))
                return 0;
            if (input.Reader.TryRead(out byte[]? piece))
                _left = piece;
        }

        if (_disposed)
            throw Ended();
        int count = Math.Min(bytes.Length, _left.Length);
        _left[..count].CopyTo(bytes);
        _left = _left[count..];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        // What the other side has not read yet stays readable; this side reads no more.
        _disposed = true;
        output.Writer.TryComplete();
        input.Writer.TryComplete();
    }

    private TransportException Ended(Exception? inner = null) => new(new(FailureKind.Closed, $"the connection to {remote} ended"), inner);
}
