using System.Text;
using Dpwa.Protocol;

namespace Dpwa.Exchange;

/// <summary>What a node said of itself.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Clock">Its clock.</param>
/// <param name="Round">The steps it has begun.</param>
/// <param name="Fingerprint">The fingerprint of its model; 0 while it has none.</param>
public readonly record struct NodeGreeting(string Name, double Clock, ulong Round, ulong Fingerprint);

/// <summary>The question "who are you, and how?", and what its answer means.</summary>
public static class PingExchange
{
    /// <summary>The longest name in an answer, in bytes.</summary>
    public const int MaxName = 1024;

    /// <summary>The question, from somebody who is no node himself.</summary>
    /// <param name="node">Who is asked.</param>
    /// <param name="options">The cluster.</param>
    /// <param name="asker">Who asks, as it can prove; empty when it cannot.</param>
    public static MessageHeader Question(DpwaNode node, DpwaOptions options, string asker = "")
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(options);
        return new()
        {
            Type = MessageType.Ping,
            Cluster = MessageHeader.IdOf(options.Cluster),
            Sender = MessageHeader.IdOf(asker),
            Receiver = MessageHeader.IdOf(node.Name),
            Request = 1,
            Weight = 1,
        };
    }

    /// <summary>Reads the answer: a greeting, or why it is none.</summary>
    public static Failure Read(DpwaNode node, in MessageHeader header, ReadOnlySpan<byte> body, out NodeGreeting greeting)
    {
        ArgumentNullException.ThrowIfNull(node);
        greeting = new(UntrustedText.Printable(Encoding.UTF8.GetString(body)), header.Clock, header.Round, header.Fingerprint);
        return (header.Type, header.Reason) switch
        {
            (MessageType.Pong, _) when header.Sender != MessageHeader.IdOf(node.Name) => new(FailureKind.OtherNode, $"another node answers at the address of {node}: {greeting.Name}"),
            (MessageType.Pong, _) when !double.IsFinite(header.Clock) => new(FailureKind.BadState, $"{node} has the clock {header.Clock}, which is not a finite number"),
            (MessageType.Pong, _) => default,
            (MessageType.Refusal, RefusalReason.OtherCluster) => new(FailureKind.OtherCluster, $"{node} belongs to another cluster"),
            (MessageType.Refusal, RefusalReason.OtherNode) => new(FailureKind.OtherNode, $"another node answers at the address of {node}: {greeting.Name}"),
            _ => new(FailureKind.Protocol, $"{node} did not answer a ping"),
        };
    }
}
