using Dpwa.Codecs;
using Dpwa.Exchange;
using Dpwa.Fuzz.Engine;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Transport;

namespace Dpwa.Fuzz.Targets.Frames;

/// <summary>
/// Frames of every type, as any receiver reads them off a stream. The first byte of an input is the size of the pieces they come in. Promises: nothing but a
/// <see cref="TransportException"/> in words, no memory for a body that was not admitted, all of it given back; what is read is written as it was.
/// </summary>
internal sealed class FrameTarget : FuzzTarget
{
    private const ulong MostSmall = 4096;

    public override string Name => "frames";

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (byte[] frame in FrameBytes.Golden.Values)
            yield return [0, .. frame];
        yield return [3, .. FrameBytes.Golden["ping"], .. FrameBytes.Golden["snapshot-int8"], .. FrameBytes.Golden["goodbye"]];
    }

    public override byte[] Repair(byte[] input, Random random) => FrameBytes.Repair(input, 1, random);

    public override bool Check(byte[] input)
    {
        if (input.Length == 0)
            return false;
        var receiver = new Receiver();
        using var connection = new BytesConnection(input.AsMemory(1), input[0] == 0 ? int.MaxValue : input[0]);
        int messages = 0;
        try
        {
            while (true)
            {
                Message message = connection.Receive(receiver);
                messages++;
                WrittenAsRead(message);
                message.Release();
            }
        }
        catch (TransportException e)
        {
            ForPeople.Check(e.Failure.Text);
            Require(e.Failure.Kind != FailureKind.None, "a failure says that there is none");
            Require(messages == 0 || connection.Left.Length < input.Length - messages * MessageHeader.Size, "more messages were received than bytes are there for");
        }

        Require(receiver.Given == receiver.Returned, "memory of a body was not given back");
        return messages > 0;
    }

    private static void WrittenAsRead(in Message message)
    {
        byte[] written = BytesConnection.Encode(message with { Body = message.Body is null ? null : new BytesPayload(message.Body.Segment(0).ToArray()) });
        using var again = new BytesConnection(written);
        Message read = again.Receive(new Receiver());
        Require(read.Header == message.Header, "a header is not read as it was written");
        Require(Body(read).SequenceEqual(Body(message)), "a body is not read as it was written");
        Require(written.AsSpan().SequenceEqual(BytesConnection.Encode(read)), "what was read is not written as it was");
    }

    private static ReadOnlySpan<byte> Body(in Message message) => message.Body is { } body ? body.Segment(0).Span : default;

    private sealed class Receiver : IMessageReceiver
    {
        public int Given { get; private set; }

        public int Returned { get; private set; }

        public void Partial() => Coverage.Work();

        public IncomingPayload? Admit(in MessageHeader header, out Failure failure)
        {
            bool isModel = header.Type == MessageType.Snapshot && PayloadCodecs.IsKnown(header.Codec) && header.BodyLength == (ulong)EncodedLayout.Of(FrameBytes.Layout, header.Codec).Length;
            failure = isModel || header.BodyLength <= MostSmall ? default : new(FailureKind.Protocol, "the body is too long");
            if (failure.Kind != FailureKind.None)
                return null;
            Given++;
            return new IncomingPayload((long)header.BodyLength, isModel ? FrameBytes.Layout : null, _ => Returned++, isModel ? header.Codec : PayloadCodec.Native);
        }
    }
}
