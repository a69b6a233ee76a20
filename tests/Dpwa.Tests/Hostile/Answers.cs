using Dpwa.Protocol;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Hostile;

/// <summary>What a hostile peer may answer.</summary>
internal static class Answers
{
    /// <summary>The values of a model filled with 2.</summary>
    public static float[] Values => [.. Enumerable.Repeat(2f, HostileScene.Length)];

    /// <summary>A right answer.</summary>
    public static byte[] Good(in MessageHeader request) => Snapshot(request, header => header);

    /// <summary>A right answer but for its header.</summary>
    public static byte[] Snapshot(in MessageHeader request, Func<MessageHeader, MessageHeader> change) => Snapshot(request, change, Frames.Payload(Values));

    /// <summary>A snapshot with this body.</summary>
    public static byte[] Snapshot(in MessageHeader request, Func<MessageHeader, MessageHeader> change, byte[] body) =>
        Frames.Of(change(Frames.Reply(request, MessageType.Snapshot, HostilePeer.Name)), body);

    /// <summary>The first bytes of a right answer, or all but the last few.</summary>
    public static byte[] Part(in MessageHeader request, int length)
    {
        byte[] good = Good(request);
        return length < 0 ? good[..^-length] : good[..length];
    }
}
