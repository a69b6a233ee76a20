using System.Net.Sockets;

namespace Dpwa.Transport.Tls;

/// <summary>A socket as a stream whose every call holds the thread: that of the connection. The few that the caller makes asynchronous are done when they return.</summary>
internal sealed class SocketStream(Socket socket) : Stream
{
    private readonly byte[] _first = new byte[4];
    private int _count;

    /// <summary>Whether what came first is a frame of this protocol instead of TLS.</summary>
    public bool IsPlain => _count == _first.Length && _first.AsSpan().SequenceEqual("DPWA"u8);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count = socket.Receive(buffer);
        if (_count < _first.Length)
        {
            int some = Math.Min(count, _first.Length - _count);
            buffer[..some].CopyTo(_first.AsSpan(_count));
            _count += some;
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
            buffer = buffer[socket.Send(buffer)..];
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
