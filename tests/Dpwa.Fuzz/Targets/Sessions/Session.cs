using System.Buffers.Binary;
using Dpwa.Averaging;
using Dpwa.Codecs;
using Dpwa.Exchange;
using Dpwa.Forms;
using Dpwa.Fuzz.Engine;
using Dpwa.Fuzz.Targets.Frames;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Transport;

namespace Dpwa.Fuzz.Targets.Sessions;

/// <summary>
/// A node alone among peers that say whatever the input has: the production state machine, the production frames, and what a process would have around them. All that comes is read
/// from one stream: each connection takes from it what it is due, and what is left when one has ended goes to the next.
/// </summary>
internal sealed class Session : IMessageReceiver, IDisposable
{
    /// <summary>The name of the node. Its only peer is <see cref="Peer"/>.</summary>
    public const string Name = "w1", Peer = "w2", Cluster = "demo";

    /// <summary>A layout may be described at some length; all else of this model is shorter.</summary>
    private const ulong MostBody = 128 * 1024;

    private static readonly ulong PeerId = MessageHeader.IdOf(Peer);
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(1);

    private readonly SessionSettings _settings;
    private readonly DpwaOptions _options;
    private readonly ModelForm _form;
    private readonly SnapshotStore _store;
    private readonly List<Snapshot> _snapshots = [];
    private readonly ArrayModel _model = new(FrameBytes.Layout);
    private readonly Dictionary<long, MessageHeader?> _open = [];
    private ReadOnlyMemory<byte> _stream;
    private long _current;
    private int _bodies;

    public Session(SessionSettings settings, ReadOnlyMemory<byte> stream)
    {
        (_settings, _stream) = (settings, stream);
        _options = settings.Options;
        _form = ModelForm.Create(FrameBytes.Layout, _options);
        _store = new SnapshotStore(_form.Published);
        Node = new GossipNode(Name, _options, new Membership(_options.Nodes), new Random(1), incarnation: 7) { Layout = _form.Published };
    }

    public GossipNode Node { get; }

    public TimeSpan Now { get; private set; }

    /// <summary>Messages that were received whole.</summary>
    public int Messages { get; private set; }

    /// <summary>Exchanges that changed the model.</summary>
    public int Averaged { get; private set; }

    /// <summary>Whether the stream has more.</summary>
    public bool HasMore => !_stream.IsEmpty;

    /// <summary>Whether the node begins with a peer's model, and ends with a final merge.</summary>
    public bool HasEnds => _settings.HasEnds;

    private bool IsWaiting { get; set; }

    /// <summary>Before the first step: a peer is asked for its model.</summary>
    public void Bootstrap()
    {
        IsWaiting = true;
        Node.BeginBootstrap(Now, _options.EffectiveDeadline);
        Perform();

        // It may go on for as long as pieces come, and these are in the stream.
        Wait(latest: TimeSpan.MaxValue);
        using IPayload? model = Node.Decision.Payload;
        if (model is null)
        {
            ForPeople.Check(Node.Decision.Reason ?? "");
            return;
        }

        _form.Adopt(_model, model);
        Averaged++;
    }

    /// <summary>The run is over: peers are asked for their last models.</summary>
    public void Merge()
    {
        if (_store.TryWrite() is not { } snapshot)
            return;
        Require(_form.Publish(_model, snapshot, Node.NextRound), "the model is not finite any more");
        Node.BeginMerge(Now, 1, snapshot, _options.EffectiveDeadline);
        _store.Published(snapshot);
        Perform();
        TimeSpan latest = Now + 2 * _options.EffectiveDeadline + Tolerance;
        do
        {
            IsWaiting = true;
            Node.NextMerge(Now);
            Perform();
            Wait(latest);
            using IPayload? payload = Node.Decision.Payload;
            if (payload is null)
                return;
            _form.Merge(_model, Node.Decision);
            Averaged++;
        }
        while (true);
    }

    /// <summary>A step begins.</summary>
    public void UpdateSend()
    {
        Snapshot? snapshot = _store.TryWrite();
        if (snapshot is not null && !_snapshots.Contains(snapshot))
            _snapshots.Add(snapshot);
        if (snapshot is not null)
            Require(_form.Publish(_model, snapshot, Node.NextRound), "the model is not finite any more");
        Node.UpdateSend(Now, 1, snapshot);
        if (snapshot is not null)
            _store.Published(snapshot);
        Perform();
    }

    /// <summary>It ends: what is due from the stream is taken, and time passes until the exchange is decided.</summary>
    public void UpdateWait()
    {
        TimeSpan latest = Now + _options.EffectiveDeadline + Tolerance;
        IsWaiting = true;
        Node.UpdateWait(Now, 1);
        Perform();
        Wait(latest);
        Mix();
    }

    /// <summary>Takes what is due from the stream, then lets time pass, until there is a decision.</summary>
    private void Wait(TimeSpan latest)
    {
        while (IsWaiting && _open.Keys.Where(c => _open[c] is not null).ToArray() is [long asked, ..] && HasMore)
            ReceiveOn(asked);
        while (IsWaiting)
        {
            Require(Node.ExchangeDeadline is { } due && due <= latest, "nothing will end the wait, or too late");
            Pass(Node.ExchangeDeadline!.Value);
        }
    }

    /// <summary>Somebody connects, unless somebody has, and sends what is next in the stream.</summary>
    public void Serve()
    {
        if (_current == 0 || !_open.ContainsKey(_current))
        {
            _current = Node.Accepted(Now);
            Require(_current != 0, "a node that is idle takes no connection");
            _open.Add(_current, null);
        }

        // What the node itself has asked for by then comes first: it is what the stream goes on with.
        long[] asked = [.. _open.Keys.Where(c => _open[c] is not null)];
        ReceiveOn(asked.Length > 0 ? asked[0] : _current);
    }

    /// <summary>Time passes.</summary>
    public void Pass(TimeSpan until)
    {
        Coverage.Work();
        Now = until > Now ? until : Now;
        Node.Tick(Now);
        Perform();
    }

    /// <summary>The node leaves. Whatever was said: nothing stays held, and the node's state is one that it may have.</summary>
    public void End()
    {
        Node.Close(Now);
        Perform();
        foreach (long id in _open.Keys.ToArray())
        {
            _open.Remove(id);
            Node.Closed(Now, id, new(FailureKind.Closed, "the end"));
            Perform();
        }

        Require(_bodies == 0, "memory of a body was not given back");
        Require(!_snapshots.Exists(s => s.IsLeased), "a snapshot is still leased");
        Require(_model.IsFinite(), "the model is not finite");
        Require(double.IsFinite(Node.Clock) && Node.Clock >= 0, "the clock is not a finite number ≥ 0");
        Require(double.IsFinite(Node.Weight) && Node.Weight > 0, "the weight is not a finite number > 0");
        foreach (PeerStatus status in Node.Peers(Now))
        {
            if (status.LastError is { } error)
                ForPeople.Check(error);
        }
    }

    public void Dispose() => _store.Dispose();

    void IMessageReceiver.Partial()
    {
        Coverage.Work();
        Node.Partial(Now, _current);
    }

    /// <summary>As the driver of a real node does it.</summary>
    IncomingPayload? IMessageReceiver.Admit(in MessageHeader header, out Failure failure)
    {
        failure = Node.Admit(Now, _current, header);
        if (failure.Kind != FailureKind.None)
            return null;
        ParameterLayout? layout = header.Type == MessageType.Snapshot ? Node.Layout : null;
        Require(layout is null || header.BodyLength == (ulong)EncodedLayout.Of(layout, header.Codec).Length, "a snapshot of another length was admitted");
        Require(header.BodyLength <= MostBody, "memory would be taken for a body that is longer than any that was asked for");
        _bodies++;
        return new IncomingPayload((long)header.BodyLength, layout, _ => _bodies--, layout is null ? PayloadCodec.Native : header.Codec);
    }

    private void ReceiveOn(long id)
    {
        long current = _current;
        _current = id;
        using var connection = new BytesConnection(_settings.AnswersFit && _open[id] is { } request ? Fitting(request) : _stream, _settings.PieceSize);
        try
        {
            Message message = connection.Receive(this);
            Messages++;
            _open[id] = null;
            Now += _settings.Step;
            Node.Progress(id, MessageHeader.Size, MessageHeader.Size);
            Node.Received(Now, id, message.Header, message.Body);
        }
        catch (TransportException e)
        {
            ForPeople.Check(e.Failure.Text);
            _open.Remove(id);
            Node.Closed(Now, id, e.Failure);
        }

        _stream = connection.Left;
        _current = current;
        Perform();
        if (Node.NextDeadline <= Now)
            Pass(Now);
    }

    /// <summary>The stream with its next frame changed to one that could answer a request: chance would not guess these numbers.</summary>
    private ReadOnlyMemory<byte> Fitting(in MessageHeader request)
    {
        if (_stream.Length < MessageHeader.Size || MessageHeader.TryRead(_stream.Span, out MessageHeader header) != HeaderFault.None)
            return _stream;
        byte[] changed = _stream.ToArray();
        (header with { Request = request.Request, Sender = PeerId, Receiver = request.Sender, Cluster = request.Cluster, Fingerprint = request.Fingerprint }).Write(changed);
        return changed;
    }

    private void Perform()
    {
        for (int i = 0; i < Node.Effects.Count; i++)
        {
            Coverage.Work();
            Perform(Node.Effects[i]);
        }

        Node.Effects.Clear();
    }

    private void Perform(in Effect effect)
    {
        switch (effect.Kind)
        {
            case EffectKind.Connect:
                _open[effect.Connection] = null;
                Node.Connected(Now, effect.Connection, isSameHost: _settings.IsSameHost);
                break;
            case EffectKind.Send:
                Sent(effect.Connection, effect.Message);
                break;
            case EffectKind.Close:
                _open.Remove(effect.Connection);
                break;
            case EffectKind.Map:
                effect.Message.Release();
                Node.Mapped(Now, effect.Connection, "it cannot be opened here");
                break;
            case EffectKind.Decided:
                IsWaiting = false;
                break;
            case EffectKind.Report:
                if (!string.IsNullOrEmpty(effect.Report.Failure.Text))
                    ForPeople.Check(effect.Report.Failure.Text);
                break;
        }
    }

    private void Sent(long id, Message message)
    {
        MessageHeader header = message.Header;

        // What the driver writes.
        if (header.Type is MessageType.Map or MessageType.Status)
        {
            message.Release();
            message = Message.With(header, new BytesPayload(new byte[32]));
        }

        byte[] bytes = BytesConnection.Encode(message);
        Require(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(112)) == (ulong)Math.Max(0, bytes.Length - MessageHeader.Size - MessageHeader.TrailerSize), "what is sent is not as long as its header says");
        if (!_open.ContainsKey(id))
            return;
        if (header.Type is MessageType.Fetch or MessageType.MapRequest or MessageType.LayoutRequest or MessageType.Offer or MessageType.Settle or MessageType.PieceRequest)
            _open[id] = header;
        Node.Sent(Now, id);
    }

    private void Mix()
    {
        Decision decision = Node.Decision;
        using (decision.Payload)
        using (decision.Incoming?.Payload)
        {
            Require(decision.Factor is >= 0 and <= 1 && decision.Incoming?.Factor is null or (>= 0 and <= 1), "a factor is not in [0, 1]");
            if (decision.Reason is { } reason)
                ForPeople.Check(reason);
            Decision done = _form.Mix(_model, decision);
            if (done.WasLimited)
                Node.CarriedOut(Now, done);
            if (done.ToResult(TimeSpan.Zero).Outcome == UpdateOutcome.Averaged)
                Averaged++;
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new BrokenPromiseException(otherwise);
    }
}
