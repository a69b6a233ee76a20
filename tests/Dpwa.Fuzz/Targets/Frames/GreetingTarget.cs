using Dpwa.Exchange;
using Dpwa.Fuzz.Engine;
using Dpwa.Protocol;

namespace Dpwa.Fuzz.Targets.Frames;

/// <summary>What answers a ping: a header, and a body of any text. Promises: a greeting with a usable clock, or why it is none; whatever was sent as text can be shown.</summary>
internal sealed class GreetingTarget : FuzzTarget
{
    private static readonly DpwaNode Node = new("w2", "localhost", 45001);

    public override string Name => "greetings";

    public override int Longest => MessageHeader.Size + MessageHeader.TrailerSize + PingExchange.MaxName;

    public override IReadOnlyList<byte[]> Words { get; } = Texts("w2", "\u001b[31m", "\u0007", "\u202E", "\u2028", "\n", "größe", "\ud83d\ude00");

    public override IEnumerable<byte[]> Seeds() => [FrameBytes.Golden["pong"], FrameBytes.Golden["refusal"], FrameBytes.Golden["ping"]];

    public override byte[] Repair(byte[] input, Random random) => FrameBytes.Repair(input, 0, random);

    public override bool Check(byte[] input)
    {
        if (input.Length < MessageHeader.Size || MessageHeader.TryRead(input, out MessageHeader header) != HeaderFault.None)
            return false;
        Failure failure = PingExchange.Read(Node, header, input.AsSpan(MessageHeader.Size), out NodeGreeting greeting);
        if (failure.Kind != FailureKind.None)
            ForPeople.Check(failure.Text);
        if (!string.IsNullOrWhiteSpace(greeting.Name))
            ForPeople.Check(greeting.Name);
        Require(failure.Kind != FailureKind.None || double.IsFinite(greeting.Clock), "a greeting has a clock that is no number");
        return failure.Kind == FailureKind.None;
    }
}
