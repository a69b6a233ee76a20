namespace Dpwa.Protocol;

/// <summary>What a message is. The values are part of the protocol.</summary>
public enum MessageType : byte
{
    /// <summary>Asks for the receiver's published parameters. No body.</summary>
    Fetch = 1,

    /// <summary>Answers <see cref="Fetch"/>: the published parameters, in the sender's layout.</summary>
    Snapshot = 2,

    /// <summary>Answers a request that is not served: a <see cref="RefusalReason"/> and a sentence in UTF-8.</summary>
    Refusal = 3,

    /// <summary>Asks for the receiver's layout. No body.</summary>
    LayoutRequest = 4,

    /// <summary>Answers <see cref="LayoutRequest"/>: <see cref="ParameterLayout.Encode"/>.</summary>
    Layout = 5,

    /// <summary>The sender is leaving for good; unanswered. No body.</summary>
    Goodbye = 6,

    /// <summary>Asks how the receiver is. No body.</summary>
    Ping = 7,

    /// <summary>Answers <see cref="Ping"/>: the node's name in UTF-8; clock, loss and fingerprint are in the header.</summary>
    Pong = 8,

    /// <summary>Asks for the receiver's snapshots as shared memory. No body.</summary>
    MapRequest = 9,

    /// <summary>Answers <see cref="MapRequest"/>: where the memory is. From then on who asked reads snapshots there.</summary>
    Map = 10,

    /// <summary>Offers the sender's parameters: <see cref="MessageHeader.Flags"/> is the <see cref="ExchangeKind"/>, the sequence which snapshot (0: the newest), the
    /// weight what comes with it in a push-sum. No body.</summary>
    Offer = 11,

    /// <summary>Answers <see cref="Offer"/>: the receiver fetches them; in a swap the sequence says which of its own snapshots to fetch in return. No body.</summary>
    Accepted = 12,

    /// <summary>Asks what has become of the offer of which the sequence is the request. No body.</summary>
    Settle = 13,

    /// <summary>Answers <see cref="Settle"/>, and says unasked and unanswered what has become of an offer: <see cref="MessageHeader.Flags"/> is its fate. Who offered
    /// need not keep the snapshot any more. No body.</summary>
    Receipt = 14,

    /// <summary>Asks for a piece of the receiver's parameters, as a node does that has none to begin with: <see cref="MessageHeader.Flags"/> is its index, the sequence which
    /// snapshot (0: the newest, which is kept for the sender from then on). No body.</summary>
    PieceRequest = 15,

    /// <summary>Answers <see cref="PieceRequest"/>: 8 MiB of the snapshot, or what is left of it, not encoded. Once the sender of the request has all, it says so by a
    /// <see cref="Receipt"/> that names its last request.</summary>
    Piece = 16,

    /// <summary>Asks how the receiver is: the sequence is the number of the last exchange that the sender knows of, <see cref="MessageHeader.WithSketch"/> in the flags asks for a sketch of the
    /// parameters too. No body.</summary>
    StatusRequest = 17,

    /// <summary>Answers <see cref="StatusRequest"/>: a <see cref="NodeStatus"/> as JSON.</summary>
    Status = 18,
}

/// <summary>Why a request was refused. The values are part of the protocol.</summary>
public enum RefusalReason : byte
{
    /// <summary>Not a refusal.</summary>
    None = 0,

    /// <summary>Nothing has been published yet.</summary>
    NotReady = 1,

    /// <summary>The fingerprints of the layouts differ.</summary>
    OtherModel = 2,

    /// <summary>The cluster ids differ.</summary>
    OtherCluster = 3,

    /// <summary>The message is for a node of another name.</summary>
    OtherNode = 4,

    /// <summary>The node cannot serve more at the moment.</summary>
    Busy = 5,

    /// <summary>The node does not know this message.</summary>
    Unsupported = 6,

    /// <summary>The node is shutting down.</summary>
    Leaving = 7,

    /// <summary>The node's snapshots are not in shared memory, or no more readers fit.</summary>
    NotShared = 8,

    /// <summary>The other side has not proven that it may be here: <see cref="MessageHeader.Flags"/> is the <see cref="IdentityFault"/>. It ends the connection.</summary>
    NotAuthenticated = 9,
}

/// <summary>What is wrong with who is at the other end of a connection. The values are part of the protocol.</summary>
public enum IdentityFault : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It showed no certificate.</summary>
    NoCertificate = 1,

    /// <summary>Its certificate is not of the cluster's authority.</summary>
    OtherAuthority = 2,

    /// <summary>Its certificate, or its authority's, has expired.</summary>
    Expired = 3,

    /// <summary>Its certificate, or its authority's, is not valid yet.</summary>
    NotYetValid = 4,

    /// <summary>Its certificate is another node's than the one that was to be reached.</summary>
    OtherName = 5,

    /// <summary>Its certificate is not made for this use, or names nobody.</summary>
    OtherUse = 6,

    /// <summary>A message is not in the name of the certificate.</summary>
    OtherSender = 7,

    /// <summary>It does not encrypt, and who refuses does.</summary>
    NotEncrypted = 8,

    /// <summary>It encrypts, and who refuses does not.</summary>
    Encrypted = 9,
}

/// <summary>How a payload is encoded. The values are part of the protocol.</summary>
public enum PayloadCodec : byte
{
    /// <summary>Every tensor in its own element type, little-endian, at its offset in the layout.</summary>
    Native = 0,

    /// <summary>float32 parameters as bfloat16, rounded to nearest even.</summary>
    BFloat16 = 1,

    /// <summary>float32 parameters as float16, rounded to nearest even.</summary>
    Float16 = 2,

    /// <summary>float32 parameters as int8 with one scale (absolute maximum / 127) a block.</summary>
    Int8 = 3,
}
