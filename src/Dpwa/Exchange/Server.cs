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
    private readonly HashSet<FailureKind> _reported = [];

    /// <summary>A connection came in. Gives its link, or null when there is no room: all are busy.</summary>
    public Link? Accepted(TimeSpan now)
    {
        if (node.IsClosing)
            return null;
        if (node.Links.IncomingCount >= node.MaxConnections)
        {
            if (node.Links.LongestIdle() is not { } idle)
                return null;
            node.Close(idle);
        }

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

        link.Watch.Stop();
        link.Peer = request.Sender;
        node.Peers.Record(request.Sender)?.Heard(now, request.Incarnation);
        switch (request.Type)
        {
            case MessageType.Fetch or MessageType.MapRequest:
                ServeSnapshot(now, link, request);
                break;
            case MessageType.LayoutRequest when node.Layout is not null:
                Answer(now, link, Message.With(Reply(request, MessageType.Layout), new BytesPayload(node.Layout.Encode())));
                break;
            case MessageType.LayoutRequest:
                Refuse(now, link, request, RefusalReason.NotReady, "the model is not known yet");
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
            peer.BytesSent += link.ServedBytes;
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
            ? link.Watch.HasTimedOut(now, node.Timeout, link.Sent)
            : now >= link.Watch.Deadline);
        if (late)
            Reject(link, new(FailureKind.TimedOut, link.IsServing ? "a client reads too slowly" : "a client connected and sent no whole request"));
    }

    /// <summary>Ends an incoming link that misbehaved; one line in the log for each kind of misbehaviour, however many do it.</summary>
    public void Reject(Link link, in Failure failure)
    {
        node.Close(link);
        Report(link, failure);
    }

    /// <summary>Counted each time; one line in the log for each kind.</summary>
    public void Report(Link link, in Failure failure) =>
        node.Report(ReportKind.ClientRejected, node.Peers.Find(link.Peer)?.Name ?? "a client", failure, isNews: _reported.Add(failure.Kind));

    private void ServeSnapshot(TimeSpan now, Link link, in MessageHeader request)
    {
        if (node.IsClosing)
        {
            Refuse(now, link, request, RefusalReason.Leaving, "this node is shutting down");
        }
        else if (node.Published is not { } snapshot)
        {
            Refuse(now, link, request, RefusalReason.NotReady, "nothing has been published yet");
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
        else
        {
            // In the codec that was asked for or, where this version does not know it, in none: the asker takes both.
            EncodedLayout layout = EncodedLayout.Of(snapshot.Layout, PayloadCodecs.IsKnown(request.Codec) ? request.Codec : PayloadCodec.Native);
            MessageHeader header = Reply(request, MessageType.Snapshot) with
            {
                Codec = layout.Codec,
                BodyLength = (ulong)layout.Length,
                Sequence = snapshot.Sequence,
                AgeMicroseconds = (ulong)Math.Max(0, (now - snapshot.PublishedAt).TotalMicroseconds),
                Clock = snapshot.Clock,
                Loss = snapshot.Loss,
                Round = snapshot.Round,
            };
            link.ServedBytes = layout.Length;
            Answer(now, link, new Message(header, snapshot.Lease()));
        }
    }

    private void Refuse(TimeSpan now, Link link, in MessageHeader request, RefusalReason reason, string text) =>
        Answer(now, link, Message.With(Reply(request, MessageType.Refusal) with { Reason = reason }, new BytesPayload(Encoding.UTF8.GetBytes(text))));

    private void Answer(TimeSpan now, Link link, in Message message)
    {
        if (message.Header.Type != MessageType.Snapshot)
            link.ServedBytes = 0;
        link.ServeDeadline = now + node.Deadline;
        link.Watch.Start(now, node.Timeout, link.Sent);
        node.Send(link, message);
    }

    private MessageHeader Reply(in MessageHeader request, MessageType type) => node.Header(type, request.Sender, request.Request);
}
