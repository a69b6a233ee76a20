using System.Text;
using Dpwa.Codecs;
using Dpwa.Protocol;

namespace Dpwa.Exchange;

/// <content>What may come as an answer, and what it means.</content>
internal sealed partial class FetchExchange
{
    /// <summary>Whether a body with this header may come now, and how long it may be.</summary>
    public Failure Admit(TimeSpan now, Link link, in MessageHeader header)
    {
        bool expected = link == _link && header.Request == _request && _phase switch
        {
            Phase.Fetching => header.Type == (_piece is null ? MessageType.Snapshot : MessageType.Piece) || header.Type == MessageType.Refusal,
            Phase.Mapping => header.Type is MessageType.Map or MessageType.Refusal,
            Phase.Diagnosing => header.Type is MessageType.Layout or MessageType.Refusal,
            Phase.Offering or Phase.Settling => header.Type is MessageType.Refusal,
            _ => false,
        };
        if (!expected)
            return new(FailureKind.Protocol, $"{node.Describe(link.Peer)} sent a body that was not asked for");
        if (header.Type is MessageType.Snapshot or MessageType.Map or MessageType.Piece && header.Fingerprint != node.Layout!.Fingerprint)
            return new(FailureKind.OtherModel, $"{Describe()} sent the parameters of another model");
        if (header.Codec != PayloadCodec.Native && (header.Type == MessageType.Piece || (header.Type is MessageType.Snapshot or MessageType.Map && header.Codec != node.Codec)))
            return new(FailureKind.Protocol, $"{Describe()} answered in codec {(byte)header.Codec}, which was not asked for");
        ulong longest = header.Type switch
        {
            MessageType.Snapshot => (ulong)EncodedLayout.Of(node.Layout!, header.Codec).Length,
            MessageType.Piece => (ulong)Donation.Length(_piece!.Value, node.Layout!.PayloadLength),

            // It is decoded while the trainer may wait: a model so much more finely cut than this one is not worth it.
            MessageType.Layout => (ulong)(4L * node.Layout!.EncodedLength + LayoutSlack),
            _ => (ulong)MaxRefusalText,
        };
        bool fits = header.Type is MessageType.Snapshot or MessageType.Piece ? header.BodyLength == longest : header.BodyLength <= longest;
        if (!fits)
            return new(FailureKind.Protocol, $"{Describe()} announced a body of {header.BodyLength:N0} bytes where {longest:N0} fit");
        Answered(now, (long)header.BodyLength);
        return default;
    }

    private void ReceivedSnapshot(TimeSpan now, Link link, in MessageHeader header, IPayload body)
    {
        Failure verdict = Judge(header);
        if (verdict.Kind != FailureKind.None)
        {
            body.Dispose();
            Fail(now, verdict);
            return;
        }

        if (!IsWanted(header))
        {
            body.Dispose();
            Fail(now, new(FailureKind.Protocol, $"{Describe()} sent another snapshot than it was asked for"));
            return;
        }

        if (link.Map == MapState.Mapped && !node.IsWaiting && _wanted == 0)
        {
            // Who waited has just given up: a lease is not kept for somebody who may never come back.
            body.Dispose();
            GetReady();
            return;
        }

        if (link.Map == MapState.Mapped && header.AgeMicroseconds > node.Timeout.TotalMicroseconds)
            link.Map = MapState.Doubtful;

        _peer!.Heard(now, header.Incarnation);
        if (_hasAnswer)
            _peer.Pace.Moved(body.Length, now - _answeredAt);
        Succeed(body.Length);
        if (_accepted)
            node.SendReceipt(_peer.Id, Lane, _offerRequest, OfferFate.Applied);
        _accepted = false;
        Failure = default;
        Transfer = link.Map is MapState.Mapped or MapState.Doubtful ? TimeSpan.Zero : now - _requestedAt;
        Header = header;
        Payload = body;
        _phase = Phase.Finished;
    }

    private void ReceivedPiece(TimeSpan now, in MessageHeader header, IPayload body)
    {
        Failure verdict = Judge(header);
        if (verdict.Kind == FailureKind.None && !(IsWanted(header) && header.Flags == _piece))
            verdict = new(FailureKind.Protocol, $"{Describe()} sent another piece than it was asked for");
        if (verdict.Kind != FailureKind.None)
        {
            body.Dispose();
            Fail(now, verdict);
            return;
        }

        _peer!.Heard(now, header.Incarnation);
        _peer.Pace.Moved(body.Length, now - _answeredAt);
        _peer.BytesReceived += body.Length;
        Succeed(0);
        (Failure, Header, Payload) = (default, header, body);
        _phase = Phase.Finished;
    }

    private bool IsWanted(in MessageHeader header) => _wanted == 0 || (header.Sequence == _wanted && header.Incarnation == _wantedFrom);

    private Failure Judge(in MessageHeader header)
    {
        if (header.Sender != _peer!.Id)
            return new(FailureKind.OtherNode, $"another node answers at the address of {Describe()}");
        if (header.Cluster != node.Cluster)
            return new(FailureKind.OtherCluster, $"{Describe()} belongs to another cluster");
        if (!(double.IsFinite(header.Clock) && header.Clock >= 0))
            return new(FailureKind.BadState, $"{Describe()} has the clock {header.Clock}, which is not a finite number ≥ 0");
        if (!(double.IsFinite(header.Weight) && header.Weight > 0))
            return new(FailureKind.BadState, $"{Describe()} has the weight {header.Weight}, which is not a finite number > 0");
        if (!_finalOnly && _piece is null && node.MaxStaleness is { } limit && header.AgeMicroseconds > limit.TotalMicroseconds)
            return new(FailureKind.Stale, $"{Describe()} published {header.AgeMicroseconds / 1e6:0.#} s ago, more than max_staleness ({limit.TotalSeconds:0.###} s)");
        return judge(header) is { Kind: not FailureKind.None } unusable ? unusable with { Text = $"{Describe()} {unusable.Text}" } : default;
    }

    private void ReceivedRefusal(TimeSpan now, in MessageHeader header, IPayload? body)
    {
        string text = body is null ? "" : Encoding.UTF8.GetString(body.Segment(0).Span);
        body?.Dispose();
        _theirFingerprint = header.Fingerprint;
        if (_phase == Phase.Mapping && header.Reason is RefusalReason.NotShared or RefusalReason.Unsupported)
        {
            _link!.Map = MapState.Impossible;
            Ask(now);
            return;
        }

        if (_phase == Phase.Offering)
        {
            EndOffer(refused: true);
            if (header.Reason == RefusalReason.Busy && _kind == ExchangeKind.Swap)
            {
                // It is in another swap: then what it has published is taken, as by a pull.
                _kind = ExchangeKind.Pull;
                AskForSnapshot(now);
                return;
            }

            if (header.Reason == RefusalReason.Busy)
            {
                LookElsewhere(now, $"{Describe()} is busy");
                return;
            }
        }

        if (header.Reason == RefusalReason.NotReady && (_finalOnly || _piece is not null))
        {
            LookElsewhere(now, $"{Describe()} {(_finalOnly ? "has not finished yet" : "has no model yet")}", FailureKind.NotReady);
            return;
        }

        if (header.Reason == RefusalReason.Busy && _phase == Phase.Fetching)
        {
            LookElsewhere(now, $"{Describe()} is busy");
            return;
        }

        if (header.Reason == RefusalReason.OtherModel && _phase != Phase.Diagnosing && _peer!.OtherModel.Fingerprint != _theirFingerprint)
        {
            Request(now, MessageType.LayoutRequest, Phase.Diagnosing);
            return;
        }

        Fail(now, header.Reason switch
        {
            RefusalReason.NotReady => new(FailureKind.NotReady, $"{Describe()} has published nothing yet"),
            RefusalReason.OtherModel => new(FailureKind.OtherModel, _peer!.OtherModel.Text ?? $"{Describe()} runs another model"),
            RefusalReason.OtherCluster => new(FailureKind.OtherCluster, $"{Describe()} belongs to another cluster"),
            RefusalReason.OtherNode => new(FailureKind.OtherNode, $"another node answers at the address of {Describe()}"),
            RefusalReason.Busy => new(FailureKind.Busy, $"{Describe()} is busy"),
            RefusalReason.Leaving => new(FailureKind.Leaving, $"{Describe()} is leaving"),
            _ => new(FailureKind.Protocol, $"{Describe()} refused: {UntrustedText.Printable(text)}"),
        }, keepLink: header.Reason is RefusalReason.NotReady or RefusalReason.Busy or RefusalReason.OtherModel);
    }

    private void ReceivedLayout(TimeSpan now, IPayload body)
    {
        string difference = ParameterLayout.TryDecode(body.Segment(0).Span, out ParameterLayout? theirs)
            ? node.Layout!.FirstDifference(theirs!) ?? "the layouts agree but their fingerprints do not"
            : "its layout cannot be read";
        body.Dispose();
        var failure = new Failure(FailureKind.OtherModel, $"{Describe()} runs another model: {UntrustedText.Printable(difference)}");
        _peer!.OtherModel = (_theirFingerprint, failure.Text);
        Fail(now, failure, keepLink: true);
    }
}
