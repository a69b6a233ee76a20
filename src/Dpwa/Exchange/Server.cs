using System.Text;
using Dpwa.Codecs;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Exchange;

/// <summary>
/// The answering side: each request on an incoming link gets one answer, and the next is read once that has left. Nothing here waits for
/// training, nor does training wait for anything here.
/// </summary>
internal sealed class Server(NodeContext node)
{
    private const string ShuttingDown = "this node is shutting down";
    private static readonly ulong Operator = MessageHeader.IdOf(DpwaNode.Operator);

    private readonly HashSet<(FailureKind, IdentityFault)> _reported = [];
    private readonly Donation _donation = new();
    private readonly Admission _admission = new(node);

    /// <summary>When the snapshot that is kept for who joins late is given up.</summary>
    public TimeSpan? DonationDeadline => _donation.Deadline;

    /// <summary>In which 64 KiB of an answer must be taken. Twice what the client gives: wherever a window of this length begins, it has a whole one of the client's in it, so who hangs up is never the server on a
    /// client that still waits.</summary>
    private TimeSpan AnswerWindow => 2 * node.Timeout;

    /// <summary>How long an answer may take. The client's own deadline, which began before, and some time for it to act on that and to say why.</summary>
    private TimeSpan AnswerDeadline => node.Deadline + node.Timeout;

    /// <summary>A connection came in. Gives its link, or null when there is no room.</summary>
    public Link? Accepted(TimeSpan now)
    {
        if (node.IsClosing || !_admission.TakesStranger(now))
            return null;
        Link link = node.Links.Add(outgoing: false, peer: 0);
        link.LastUsed = now;
        link.Watch.Start(now, node.Timeout, 0);
        return link;
    }

    /// <summary>Requests have no body.</summary>
    public static Failure Admit(in MessageHeader header) =>
        new(FailureKind.Protocol, $"a client sent a message of type {(byte)header.Type} with a body of {header.BodyLength:N0} bytes");

    public void Received(TimeSpan now, Link link, in MessageHeader request)
    {
        link.LastUsed = now;
        if (request.Type == MessageType.Receipt)
        {
            // It has no answer, and so waits for none. It comes on a link on which its sender has fetched.
            if (!link.IsServing)
                link.Watch.Stop();
            if (request.Cluster == node.Cluster && request.Receiver == node.Id && request.Sender == link.Peer)
                ReceivedReceipt(request);
            return;
        }

        if (link.IsServing)
        {
            if (link.Pending is not null)
                Reject(link, new(FailureKind.Protocol, "a client sends requests without reading the answers"));
            link.Pending = request;
            return;
        }

        if (request.Cluster != node.Cluster)
        {
            Refuse(now, link, request, RefusalReason.OtherCluster, "this node belongs to another cluster");
            return;
        }

        if (request.Receiver != 0 && request.Receiver != node.Id)
        {
            Refuse(now, link, request, RefusalReason.OtherNode, $"this node is {node.Name}");
            return;
        }

        if (link.Peer == 0 && !_admission.Admits(link, request))
        {
            node.Close(link);
            return;
        }

        link.Watch.Stop();
        link.Peer = request.Sender;

        // Who only asks how the nodes are may do so with a node's certificate; that is no life of the node.
        if (request.Incarnation != 0)
            node.Peers.Record(request.Sender)?.Heard(now, request.Incarnation);
        if (request.Sender == Operator && request.Type is not (MessageType.Ping or MessageType.StatusRequest) && node.Peers.Find(Operator) is null)
        {
            Refuse(now, link, request, RefusalReason.Unsupported, "the operator is told how this node is, and nothing else");
            return;
        }

        switch (request.Type)
        {
            case MessageType.Fetch or MessageType.MapRequest or MessageType.PieceRequest when node.IsClosing:
                Refuse(now, link, request, RefusalReason.Leaving, ShuttingDown);
                break;
            case MessageType.Fetch or MessageType.MapRequest:
                ServeSnapshot(now, link, request);
                break;
            case MessageType.PieceRequest:
                ServePiece(now, link, request);
                break;
            case MessageType.Offer:
                ReceivedOffer(now, link, request);
                break;
            case MessageType.Settle:
                // Of a stranger nothing is noted; what is not known is not decided.
                OfferFate fate = node.Peers.Find(request.Sender) is null && !node.Offers.Knows(request.Sender) ? OfferFate.Pending : node.Offers.FateOf(request.Sender, request.Incarnation, request.Sequence);
                Answer(now, link, new Message(Reply(request, MessageType.Receipt) with { Flags = (uint)fate }, null));
                break;
            case MessageType.LayoutRequest when node.Layout is not null:
                Answer(now, link, Message.With(Reply(request, MessageType.Layout), new BytesPayload(node.Layout.Encode())));
                break;
            case MessageType.LayoutRequest:
                Refuse(now, link, request, RefusalReason.NotReady, "the model is not known yet");
                break;
            case MessageType.StatusRequest:
                // Who drives this node knows more of it, and writes the body; for the sketch it needs the snapshot.
                Answer(now, link, new Message(Reply(request, MessageType.Status) with { Sequence = request.Sequence }, request.Flags == MessageHeader.WithSketch ? node.Published?.Lease() : null));
                break;
            case MessageType.Ping:
                Answer(now, link, Message.With(Reply(request, MessageType.Pong), new BytesPayload(Encoding.UTF8.GetBytes(node.Name))));
                break;
            default:
                Refuse(now, link, request, RefusalReason.Unsupported, $"this node does not serve messages of type {(byte)request.Type}");
                break;
        }
    }

    /// <summary>The answer on this link has left.</summary>
    public void Sent(TimeSpan now, Link link)
    {
        if (!link.IsServing)
            return;
        if (link.ServedBytes > 0 && node.Peers.Record(link.Peer) is { } peer)
        {
            peer.BytesSent += link.ServedBytes;
            peer.HasFinal |= link.ServesFinal;
        }

        link.ServeDeadline = null;
        link.Watch.Stop();
        link.LastUsed = now;
        if (link.Pending is not { } next)
            return;
        link.Pending = null;
        Received(now, link, next);
    }

    /// <summary>The first bytes of a message came, but not all of its header: the rest is due soon.</summary>
    public void Partial(TimeSpan now, Link link)
    {
        if (link.Watch.Deadline is null)
            link.Watch.Start(now, node.Timeout, link.Received);
    }

    public void Tick(TimeSpan now, Link link)
    {
        bool late = now >= link.ServeDeadline || (link.IsServing
            ? link.Watch.HasTimedOut(now, AnswerWindow, link.Sent)
            : now >= link.Watch.Deadline);
        if (late)
            Reject(link, new(FailureKind.TimedOut, link.IsServing ? "a client reads too slowly" : "a client connected and sent no whole request"));
    }

    /// <summary>Time has passed for who joins late.</summary>
    public void Tick(TimeSpan now)
    {
        if (now >= _donation.Deadline)
            _donation.End();
    }

    /// <summary>The node leaves.</summary>
    public void Close() => _donation.End();

    /// <summary>Ends an incoming link that misbehaved; one line in the log for each kind of misbehaviour, however many do it.</summary>
    public void Reject(Link link, in Failure failure)
    {
        node.Close(link);
        Report(link, failure);
    }

    /// <summary>An incoming link ended. What was kept for who was at its other end is not waited for: should it ask again, it is told so.</summary>
    public void Closed(Link link, in Failure failure)
    {
        node.Offers.UnpinFor(link.Peer);
        if (failure.Kind != FailureKind.Closed)
            Report(link, failure);
    }

    /// <summary>Counted each time; one line in the log for each kind.</summary>
    public void Report(Link link, in Failure failure) =>
        node.Report(ReportKind.ClientRejected, node.Peers.Find(link.Peer)?.Name ?? "a client", failure, isNews: _reported.Add((failure.Kind, failure.Identity)));

    private void ServeSnapshot(TimeSpan now, Link link, in MessageHeader request)
    {
        if (request is { Type: MessageType.Fetch, Flags: MessageHeader.FinalOnly } && !node.IsFinal)
        {
            Refuse(now, link, request, RefusalReason.NotReady, "this node still trains");
        }
        else if (Asked(request) is not { } snapshot)
        {
            Refuse(now, link, request, RefusalReason.NotReady, request.Sequence == 0 ? "nothing has been published yet" : "that snapshot is not kept any more");
        }
        else if (request.Fingerprint != snapshot.Layout.Fingerprint)
        {
            Refuse(now, link, request, RefusalReason.OtherModel, "the models differ");
        }
        else if (request.Type == MessageType.MapRequest)
        {
            // Who drives this node knows where its memory is, and fills in the body.
            if (snapshot.IsShared)
            {
                link.Map = MapState.Mapped;
                Answer(now, link, new Message(Reply(request, MessageType.Map), null));
            }
            else
            {
                Refuse(now, link, request, RefusalReason.NotShared, "its parameters are not in shared memory");
            }
        }
        else if (node.Links.Serving >= node.MaxServes)
        {
            Refuse(now, link, request, RefusalReason.Busy, $"this node sends its parameters to {node.MaxServes} others at the moment, as many as max_serves allows");
        }
        else
        {
            // In the codec that was asked for or, where this version does not know it, in none: the asker takes both.
            EncodedLayout layout = EncodedLayout.Of(snapshot.Layout, PayloadCodecs.IsKnown(request.Codec) ? request.Codec : PayloadCodec.Native);
            MessageHeader header = Reply(now, request, MessageType.Snapshot, snapshot) with { Codec = layout.Codec, BodyLength = (ulong)layout.Length };
            link.ServedBytes = layout.Length;
            link.ServesFinal = request.Flags == MessageHeader.FinalOnly;
            Answer(now, link, new Message(header, snapshot.Lease()));
        }
    }

    /// <summary>A piece of one snapshot for a member that has no model yet. It is kept meanwhile, for one at a time.</summary>
    private void ServePiece(TimeSpan now, Link link, in MessageHeader request)
    {
        if (node.Published is not { } published)
        {
            Refuse(now, link, request, RefusalReason.NotReady, "nothing has been published yet");
        }
        else if (request.Fingerprint != published.Layout.Fingerprint)
        {
            Refuse(now, link, request, RefusalReason.OtherModel, "the models differ");
        }
        else if (node.Peers.Record(request.Sender) is null)
        {
            Refuse(now, link, request, RefusalReason.OtherCluster, "this node does not know the sender");
        }
        else if (request.Flags >= Donation.Pieces(published.Length))
        {
            Refuse(now, link, request, RefusalReason.Unsupported, $"the parameters have {Donation.Pieces(published.Length)} pieces");
        }
        else if (request.Sequence != 0 && _donation.Of(request.Sender, request.Sequence) is null)
        {
            Refuse(now, link, request, RefusalReason.NotReady, "that snapshot is not kept any more");
        }
        else if (_donation.IsFor(request.Sender) || node.Links.Serving >= node.MaxServes)
        {
            Refuse(now, link, request, RefusalReason.Busy, "this node gives its parameters to others at the moment");
        }
        else
        {
            Snapshot snapshot = _donation.Of(request.Sender, request.Sequence) ?? _donation.Begin(published, request.Sender);
            _donation.Serves(request.Request, now + node.Deadline);
            Message piece = Message.With(Reply(now, request, MessageType.Piece, snapshot) with { Flags = request.Flags }, Donation.Piece(snapshot, request.Flags));
            (link.ServedBytes, link.ServesFinal) = (piece.Body!.Length, false);
            Answer(now, link, piece);
        }
    }

    /// <summary>The newest, or the one that the request names: while it is the newest, or kept for this peer.</summary>
    private Snapshot? Asked(in MessageHeader request) =>
        request.Sequence == 0 || node.Published?.Sequence == request.Sequence ? node.Published
        : node.Offers.Pinned is { } pinned && pinned.Sequence == request.Sequence && node.Offers.Taker == request.Sender ? pinned
        : null;

    /// <summary>A peer offers its parameters. One offer is taken up at a time; the others are told to look elsewhere before they have sent anything.</summary>
    private void ReceivedOffer(TimeSpan now, Link link, in MessageHeader offer)
    {
        if (node.Offers.HasTaken(offer.Sender, offer.Incarnation, offer.Request))
        {
            // It has its answer. Another one, a refusal, would say that it is not applied.
            return;
        }

        if (node.IsClosing)
        {
            RefuseOffer(now, link, offer, RefusalReason.Leaving, ShuttingDown);
        }
        else if (node.Layout is not { } layout)
        {
            RefuseOffer(now, link, offer, RefusalReason.NotReady, "the model is not known yet");
        }
        else if (offer.Fingerprint != layout.Fingerprint)
        {
            RefuseOffer(now, link, offer, RefusalReason.OtherModel, "the models differ");
        }
        else if (offer.Flags != (uint)node.Kind || node.Kind == ExchangeKind.Pull)
        {
            RefuseOffer(now, link, offer, RefusalReason.Unsupported, $"this node's exchange is {node.Kind}; all nodes of a cluster need the same");
        }
        else if (node.Kind == ExchangeKind.PushSum && !(offer.Weight > 0 && offer.Weight <= node.Peers.Count + 1))
        {
            // A node begins with at most 1, when it knows of no other.
            RefuseOffer(now, link, offer, RefusalReason.Unsupported, $"the weight {offer.Weight} is not above 0 and up to what the members can have together");
        }
        else if (node.Peers.Record(offer.Sender) is not { } peer)
        {
            RefuseOffer(now, link, offer, RefusalReason.OtherCluster, "this node does not know the sender");
        }
        else if (peer.IsQuarantined(now) || !node.Offers.IsNew(offer.Sender, offer.Incarnation, offer.Request) || !node.Incoming.IsIdle || node.IsFinal || (node.Kind == ExchangeKind.Swap && !node.Offers.CanSwap(node.Published)))
        {
            RefuseOffer(now, link, offer, RefusalReason.Busy, "this node is in another exchange");
        }
        else
        {
            Snapshot? own = node.Kind == ExchangeKind.Swap ? node.Published : null;
            if (own is not null)
            {
                node.Offers.Pin(own, offer.Sender, offer.Request, now + node.Deadline);
                node.Offers.MarkSwapped(own);
            }

            Answer(now, link, new Message(Reply(offer, MessageType.Accepted) with { Sequence = own?.Sequence ?? 0 }, null));
            node.Incoming.Begin(now, peer, offer, own);
        }
    }

    /// <summary>A peer has done with what it was offered or swapped. Nobody else can say so for it: the pair is named.</summary>
    private void ReceivedReceipt(in MessageHeader receipt)
    {
        if (receipt.Sequence != 0)
        {
            // Of a snapshot taken in pieces. Its request is the taker's, and may be the number of an offer of mine.
            _donation.End(receipt.Sender, receipt.Request);
            return;
        }

        if (receipt.Flags is (uint)OfferFate.Applied or (uint)OfferFate.NotApplied)
            node.Offers.Settle(receipt.Sender, receipt.Request, receipt.Flags == (uint)OfferFate.Applied, receipt.Incarnation);
        node.Offers.Unpin(receipt.Sender, receipt.Request);
    }

    /// <summary>An offer that is refused never counts, should it come again: its weight has gone back.</summary>
    private void RefuseOffer(TimeSpan now, Link link, in MessageHeader offer, RefusalReason reason, string text)
    {
        if (node.Peers.Find(offer.Sender) is not null && node.Offers.IsNew(offer.Sender, offer.Incarnation, offer.Request))
            node.Offers.Take(offer.Sender, offer.Incarnation, offer.Request, OfferFate.NotApplied);
        Refuse(now, link, offer, reason, text);
    }

    private void Refuse(TimeSpan now, Link link, in MessageHeader request, RefusalReason reason, string text) =>
        Answer(now, link, Message.With(Reply(request, MessageType.Refusal) with { Reason = reason }, new BytesPayload(Encoding.UTF8.GetBytes(text))));

    private void Answer(TimeSpan now, Link link, in Message message)
    {
        if (message.Header.Type is not (MessageType.Snapshot or MessageType.Piece))
            (link.ServedBytes, link.ServesFinal) = (0, false);
        link.ServeDeadline = now + AnswerDeadline;
        link.Watch.Start(now, AnswerWindow, link.Sent);
        node.Send(link, message);
    }

    /// <summary>An answer that brings a snapshot, or some of it.</summary>
    private MessageHeader Reply(TimeSpan now, in MessageHeader request, MessageType type, Snapshot snapshot) => Reply(request, type) with
    {
        Sequence = snapshot.Sequence,
        AgeMicroseconds = (ulong)Math.Max(0, (now - snapshot.PublishedAt).TotalMicroseconds),
        Clock = snapshot.Clock,
        Loss = snapshot.Loss,
        Round = snapshot.Round,
    };

    private MessageHeader Reply(in MessageHeader request, MessageType type) => node.Header(type, request.Sender, request.Request);
}
