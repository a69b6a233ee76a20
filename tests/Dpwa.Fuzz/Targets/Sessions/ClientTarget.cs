using Dpwa.Fuzz.Engine;
using Dpwa.Fuzz.Targets.Frames;

namespace Dpwa.Fuzz.Targets.Sessions;

/// <summary>
/// A node that begins with a peer's model or its own, trains three steps and asks a peer for its parameters, or offers its own; the peer answers anything. The node must never wait longer than its deadline.
/// Accepted is an input by which the model was changed.
/// </summary>
internal sealed class ClientTarget : FuzzTarget
{
    private const int Steps = 3;

    public override string Name => "client";

    public override IReadOnlyList<byte[]> Words { get; } = [.. FrameBytes.Golden.Values];

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (byte kind in new byte[] { 0x10, 0x11, 0x12, 0x13, 0x30, 0x50, 0x90 })
        {
            yield return SessionSettings.Input(kind, 0, 0, "snapshot", "snapshot", "snapshot");
            yield return SessionSettings.Input(kind, 8 | 16, 9, "accepted", "snapshot", "receipt", "refusal", "snapshot");
            yield return SessionSettings.Input(kind, 32, 0, "refusal", "layout", "goodbye", "map", "snapshot");
            yield return SessionSettings.Input(kind, 64, 0, "map", "refusal", "snapshot", "settle", "receipt");
        }

        yield return SessionSettings.Input(0x10, 0, 128, "snapshot", "not-authenticated", "snapshot");
        yield return SessionSettings.Input(0x10, 128, 0, "piece", "snapshot", "refusal", "snapshot", "snapshot");
        yield return SessionSettings.Input(0x10, 128 | 1, 0, "refusal", "piece", "goodbye", "snapshot", "receipt");
        yield return SessionSettings.Input(0x1C, 0, 0, "snapshot-int8", "snapshot-int8", "snapshot");
    }

    public override byte[] Repair(byte[] input, Random random) => FrameBytes.Repair(input, SessionSettings.Bytes, random);

    public override bool Check(byte[] input)
    {
        using var session = new Session(SessionSettings.Of(input, out ReadOnlyMemory<byte> frames), frames);
        if (session.HasEnds)
            session.Bootstrap();
        for (int step = 0; step < Steps; step++)
        {
            session.UpdateSend();
            session.UpdateWait();
            session.Pass(session.Now + TimeSpan.FromSeconds(1));
        }

        if (session.HasEnds)
            session.Merge();
        session.End();
        return session.Averaged > 0;
    }
}
