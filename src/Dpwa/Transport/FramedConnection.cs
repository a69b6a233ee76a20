using System.IO.Hashing;
using System.Runtime.CompilerServices;
using Dpwa.Codecs;
using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dpwa.Transport;

/// <summary>
/// Frames on a stream of bytes: header, body, and the body's checksum behind it, so that it is hashed while it is hot and in no pass of its own.
/// Transports derive from it and move the bytes.
/// </summary>
public abstract class FramedConnection : IConnection
{
    private const int Chunk = 256 * 1024;

    private readonly byte[] _outgoing = GC.AllocateArray<byte>(MessageHeader.Size, pinned: true);
    private readonly byte[] _incoming = GC.AllocateArray<byte>(MessageHeader.Size, pinned: true);
    private readonly XxHash3 _hash = new();
    private PayloadEncoder? _encoder;
    private long _received;
    private long _sent;

    /// <inheritdoc/>
    public abstract string Remote { get; }

    /// <inheritdoc/>
    public virtual bool IsSameHost => false;

    /// <inheritdoc/>
    public long Received => Volatile.Read(ref _received);

    /// <inheritdoc/>
    public virtual long Sent => Volatile.Read(ref _sent);

    /// <inheritdoc/>
    public virtual ValueTask<bool> FirstBytesAsync() => new(true);

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(Message message)
    {
        try
        {
            message.Header.Write(_outgoing);
            await SendAllAsync(_outgoing).ConfigureAwait(false);
            if (message.Body is not { Length: > 0 } body)
                return;
            _hash.Reset();
            if (message.Header.Codec != PayloadCodec.Native && body is Snapshot snapshot)
            {
                await SendEncodedAsync(snapshot, message.Header.Codec).ConfigureAwait(false);
            }
            else
            {
                for (long at = 0; at < body.Length;)
                {
                    Memory<byte> piece = body.Piece(at, Math.Min(Chunk, body.Length - at));
                    _hash.Append(piece.Span);
                    await SendAllAsync(piece).ConfigureAwait(false);
                    at += piece.Length;
                }
            }

            WriteUInt64LittleEndian(_outgoing, _hash.GetCurrentHashAsUInt64());
            await SendAllAsync(_outgoing.AsMemory(0, MessageHeader.TrailerSize)).ConfigureAwait(false);
        }
        finally
        {
            message.Release();
        }
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Message> ReceiveAsync(IMessageReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        for (int have = 0; have < MessageHeader.Size;)
        {
            have += await ReceiveSomeAsync(_incoming.AsMemory(have), midMessage: have > 0).ConfigureAwait(false);
            if (have < MessageHeader.Size)
                receiver.Partial();
        }

        MessageHeader header = ReadHeader();
        if (header.BodyLength == 0)
            return new Message(header, null);
        IncomingPayload? body = receiver.Admit(header, out Failure failure);
        if (body is null)
            throw new TransportException(failure);
        try
        {
            while (body.Next is { IsEmpty: false } next)
                body.Advance(await ReceiveSomeAsync(next, midMessage: true).ConfigureAwait(false));
            for (int have = 0; have < MessageHeader.TrailerSize;)
                have += await ReceiveSomeAsync(_incoming.AsMemory(have, MessageHeader.TrailerSize - have), midMessage: true).ConfigureAwait(false);
            Verify(body, ReadUInt64LittleEndian(_incoming));
            Message message = new(header, body);
            body = null;
            return message;
        }
        finally
        {
            body?.Dispose();
        }
    }

    /// <inheritdoc/>
    public virtual ValueTask OpenAsync() => default;

    /// <inheritdoc/>
    public abstract void FinishSending();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the stream; what is under way ends.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Judges a header before anything is done for it: whether it may come on this connection.</summary>
    protected virtual Failure Judge(in MessageHeader header) => default;

    /// <summary>Sends some of the bytes; gives how many.</summary>
    /// <exception cref="TransportException">The connection ended.</exception>
    protected abstract ValueTask<int> SendSomeAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Receives at least one byte; gives how many, 0 at the end of the stream.</summary>
    /// <exception cref="TransportException">The connection ended.</exception>
    protected abstract ValueTask<int> ReceiveAsync(Memory<byte> bytes);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendEncodedAsync(Snapshot snapshot, PayloadCodec codec)
    {
        _encoder ??= new PayloadEncoder();
        _encoder.Begin(snapshot, EncodedLayout.Of(snapshot.Layout, codec));
        while (_encoder.Next() is { IsEmpty: false } piece)
        {
            _hash.Append(piece.Span);
            await SendAllAsync(piece).ConfigureAwait(false);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int count = await SendSomeAsync(bytes).ConfigureAwait(false);
            Volatile.Write(ref _sent, _sent + count);
            bytes = bytes[count..];
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveSomeAsync(Memory<byte> bytes, bool midMessage)
    {
        int count = await ReceiveAsync(bytes).ConfigureAwait(false);
        if (count == 0)
        {
            throw new TransportException(midMessage
                ? new(FailureKind.Broken, $"{Remote} closed the connection in the middle of a message")
                : new(FailureKind.Closed, $"{Remote} closed the connection"));
        }

        Volatile.Write(ref _received, _received + count);
        return count;
    }

    private MessageHeader ReadHeader()
    {
        HeaderFault fault = MessageHeader.TryRead(_incoming, out MessageHeader header);
        if (fault == HeaderFault.None && Judge(header) is { Kind: not FailureKind.None } failure)
            throw new TransportException(failure);
        return fault switch
        {
            // Whatever was asked, this is the answer to the connection itself.
            HeaderFault.None when header is { Type: MessageType.Refusal, Reason: RefusalReason.NotAuthenticated } => throw new TransportException(IdentityFailures.Told(Remote, (IdentityFault)header.Flags)),
            HeaderFault.None => header,
            HeaderFault.OtherProtocol => throw new TransportException(new(FailureKind.Protocol, $"{Remote} speaks another protocol")),
            HeaderFault.OtherVersion => throw new TransportException(new(FailureKind.Protocol, $"{Remote} speaks version {_incoming[4]} of the protocol; this is version {MessageHeader.CurrentVersion}")),
            _ => throw new TransportException(new(FailureKind.Checksum, $"{Remote} sent a header that was damaged on the way")),
        };
    }

    private void Verify(IncomingPayload body, ulong checksum)
    {
        switch (body.Complete(checksum))
        {
            case PayloadFault.Checksum:
                throw new TransportException(new(FailureKind.Checksum, $"{Remote} sent parameters that were damaged on the way"));
            case PayloadFault.NotFinite:
                throw new TransportException(new(FailureKind.NotFinite, $"{Remote} sent parameters with a NaN or an infinity"));
        }
    }
}
