using Dpwa.Fuzz.Engine;
using Dpwa.Protocol;
using Dpwa.Transport;

namespace Dpwa.Fuzz.Targets.Frames;

/// <summary>A connection that receives given bytes in pieces of a given size, and keeps what it is told to send. All of it is done when the call returns.</summary>
internal sealed class BytesConnection(ReadOnlyMemory<byte> input, int pieceSize = int.MaxValue) : FramedConnection
{
    private readonly MemoryStream _output = new();

    public override string Remote => "the other side";

    /// <summary>What has not been received yet.</summary>
    public ReadOnlyMemory<byte> Left { get; private set; } = input;

    public static byte[] Encode(in Message message)
    {
        using var connection = new BytesConnection(default);
        connection.Send(message);
        return connection._output.ToArray();
    }

    public void Send(in Message message) => Done(SendAsync(message).AsTask());

    public Message Receive(IMessageReceiver receiver)
    {
        Task<Message> received = ReceiveAsync(receiver).AsTask();
        Done(received);
        return received.Result;
    }

    public override void FinishSending()
    {
    }

    protected override void Dispose(bool disposing) => _output.Dispose();

    protected override ValueTask<int> SendSomeAsync(ReadOnlyMemory<byte> bytes)
    {
        Coverage.Work();
        _output.Write(bytes.Span);
        return new(bytes.Length);
    }

    protected override ValueTask<int> ReceiveAsync(Memory<byte> bytes)
    {
        Coverage.Work();
        int count = Math.Min(Math.Min(bytes.Length, pieceSize), Left.Length);
        Left[..count].CopyTo(bytes);
        Left = Left[count..];
        return new(count);
    }

    private static void Done(Task task)
    {
        if (!task.IsCompleted)
            throw new BrokenPromiseException("the connection waits for something that does not come from the stream");
        task.GetAwaiter().GetResult();
    }
}
