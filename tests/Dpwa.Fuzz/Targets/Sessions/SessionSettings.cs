using Dpwa.Fuzz.Targets.Frames;
using Dpwa.Protocol;

namespace Dpwa.Fuzz.Targets.Sessions;

/// <summary>How a node is configured and how its peers behave: the first bytes of an input.</summary>
internal readonly struct SessionSettings(byte first, byte second, byte third)
{
    /// <summary>Bytes of an input in front of the frames.</summary>
    public const int Bytes = 3;

    /// <summary>The size of the pieces that everything comes in.</summary>
    public int PieceSize => (third & 127) == 0 ? int.MaxValue : third & 127;

    /// <summary>Whether answers are made to fit the requests, whatever numbers the input has.</summary>
    public bool AnswersFit => (first & 0x10) != 0;

    /// <summary>Whether peers seem to be on this host.</summary>
    public bool IsSameHost => (first & 0x20) != 0;

    /// <summary>What passes between two messages: 0 to 3 s.</summary>
    public TimeSpan Step => TimeSpan.FromMilliseconds((second & 3) * 1000);

    /// <summary>Whether the node begins with a peer's model, and ends with a final merge.</summary>
    public bool HasEnds => (second & 128) != 0;

    public DpwaOptions Options => new()
    {
        Nodes = [new(Session.Name, "localhost", 45000), new(Session.Peer, "localhost", 45001)],
        Cluster = Session.Cluster,
        Exchange = (ExchangeKind)(first & 3),
        Codec = (PayloadCodec)((first >> 2) & 3),
        Apply = (first & 0x40) != 0 ? ApplyForm.Delta : ApplyForm.Parameters,
        Interpolation = (first & 0x80) != 0 ? "loss" : (second & 4) != 0 ? "clock" : "constant",
        MaxDeltaNorm = (second & 8) != 0 ? new DeltaLimit(10, DeltaExcess.Reject) : null,
        LateFetch = (third & 128) != 0 ? LateFetch.Skip : LateFetch.Wait,
        Quarantine = (second & 16) != 0 ? new QuarantineOptions(1) : null,
        MaxStaleness = (second & 32) != 0 ? TimeSpan.FromSeconds(1) : null,
        Transport = (second & 64) != 0 ? TransportChoice.SharedMemory : TransportChoice.Auto,
    };

    /// <summary>The settings, and the frames behind them.</summary>
    public static SessionSettings Of(byte[] input, out ReadOnlyMemory<byte> frames)
    {
        frames = input.Length < Bytes ? default : input.AsMemory(Bytes);
        return input.Length < Bytes ? default : new(input[0], input[1], input[2]);
    }

    /// <summary>An input.</summary>
    public static byte[] Input(byte first, byte second, byte third, params ReadOnlySpan<string> golden)
    {
        var bytes = new List<byte> { first, second, third };
        foreach (string name in golden)
            bytes.AddRange(FrameBytes.Golden[name]);
        return [.. bytes];
    }
}
