namespace Dpwa.Protocol;

/// <summary>
/// A header and, where the header says so, a body. Who holds a message owns the body's lease: it is disposed exactly once, by the
/// transport after sending, or by whoever received it.
/// </summary>
/// <param name="Header">The header; its <see cref="MessageHeader.BodyLength"/> is the length on the wire: the body's, but for a snapshot that a codec encodes while it is sent.</param>
/// <param name="Body">The leased body, or null when the length is 0.</param>
public readonly record struct Message(MessageHeader Header, IPayload? Body)
{
    /// <summary>A message with this body.</summary>
    public static Message With(MessageHeader header, IPayload body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new(header with { BodyLength = (ulong)body.Length }, body);
    }

    /// <summary>Gives the body back.</summary>
    public void Release() => Body?.Dispose();
}
