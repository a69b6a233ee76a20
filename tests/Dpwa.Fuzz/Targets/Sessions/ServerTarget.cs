using Dpwa.Fuzz.Engine;
using Dpwa.Fuzz.Targets.Frames;
using Dpwa.Protocol;

namespace Dpwa.Fuzz.Targets.Sessions;

/// <summary>A node that has published, and others who connect and send requests, offers, receipts, or anything. Accepted is an input of which messages were understood.</summary>
internal sealed class ServerTarget : FuzzTarget
{
    public override string Name => "server";

    public override IReadOnlyList<byte[]> Words { get; } = [.. FrameBytes.Golden.Values];

    public override IEnumerable<byte[]> Seeds()
    {
        string[] requests = ["fetch", "layout-request", "ping", "map-request", "piece-request", "offer", "settle", "receipt", "goodbye"];
        for (byte kind = 0; kind < 4; kind++)
        {
            foreach (string request in requests)
                yield return ToMe(SessionSettings.Input((byte)(kind | 0x10), 0, 0, request, "snapshot", request, "receipt"), kind);
            yield return ToMe(SessionSettings.Input((byte)(kind | 0x10), 1, 5, requests), kind);
        }
    }

    public override byte[] Repair(byte[] input, Random random) => FrameBytes.Repair(input, SessionSettings.Bytes, random);

    public override bool Check(byte[] input)
    {
        using var session = new Session(SessionSettings.Of(input, out ReadOnlyMemory<byte> frames), frames);
        session.UpdateSend();
        while (session.HasMore)
            session.Serve();
        session.UpdateWait();
        session.UpdateSend();
        session.UpdateWait();
        session.End();
        return session.Messages > 0;
    }

    /// <summary>Golden requests are for another node, and the golden offer is of a push-sum.</summary>
    private static byte[] ToMe(byte[] input, byte kind)
    {
        for (int at = SessionSettings.Bytes; at < input.Length;)
        {
            if (MessageHeader.TryRead(input.AsSpan(at), out MessageHeader header) != HeaderFault.None)
                throw new InvalidOperationException("not a golden frame");
            bool isOffer = header.Type == MessageType.Offer;
            (header with { Receiver = MessageHeader.IdOf(Session.Name), Sender = MessageHeader.IdOf(Session.Peer), Flags = isOffer ? kind : header.Flags }).Write(input.AsSpan(at));
            at += MessageHeader.Size + (header.BodyLength > 0 ? (int)header.BodyLength + MessageHeader.TrailerSize : 0);
        }

        return input;
    }
}
