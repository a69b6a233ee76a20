using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Averaging;

/// <content>What is mixed, and by how much: the formulas of the methods.</content>
public sealed partial class GossipNode
{
    /// <summary>Answers the waiting caller, if there is one and the exchange has an end, or is not waited for. For what a peer has offered nobody waits: it is mixed once it is here.</summary>
    private void Decide(TimeSpan now)
    {
        _incoming.Conclude();
        _merge.Advance(now);
        DecideMerge(now);
        _bootstrap.Advance(now);
        DecideBootstrap();
        bool isUnderWay = _fetch.IsAwaited && !_fetch.IsFinished;
        bool isHeld = isUnderWay && !(_context.SkipsLate && !_fetch.IsReading);
        if (_context.WaitingLoss is not { } loss || isHeld || _incoming.IsReading)
            return;
        _context.WaitingLoss = null;
        _clockBefore = Clock;
        Decision own = isUnderWay ? Late() : _fetch.IsFinished ? Mix(now, loss) : Decision.Nothing(reason: null);
        Decision = own with { Incoming = MixIncoming(now, loss) };
        Effects.Add(new(EffectKind.Decided));
    }

    /// <summary>The fetch has not come, and the trainer goes on without it.</summary>
    private Decision Late()
    {
        _fetch.IsLate = true;
        return new(UpdateOutcome.Late, FetchedFrom, 0, 0, 0, null, null, "the fetch is still under way; what it brings is mixed by the UpdateWait that finds it here (late_fetch: skip)");
    }

    private string? FetchedFrom => _fetch.Peer is { } peer ? _context.Peers.Find(peer.Id)?.Name : null;

    /// <summary>The factor, and the clock after the exchange: <c>c_i ← a·c_j + (1−a)·c_i</c>. Mine are those of now, the peer's those of when it published.</summary>
    private Decision Mix(TimeSpan now, double loss)
    {
        string? name = FetchedFrom;
        Failure failure = _fetch.Failure;
        MessageHeader header = _fetch.Header;
        if (_fetch.Take() is not { } payload)
            return new(failure.Outcome, name, 0, 0, 0, null, null, failure.Sentence);

        // Whatever I have published until now does not know of this mix, so no other difference may be taken to it.
        Snapshot? newest = _context.TakeUnusedOwn();
        Snapshot? own = _fetch.TakeOwn() ?? newest;
        TimeSpan age = _fetch.Age(now);
        if (_fetch.IsLate && age > _context.MaxStaleness)
        {
            payload.Dispose();
            string stale = $"the parameters of {name} were late, and are {age.TotalSeconds:0.#} s old by now, more than max_staleness ({_context.MaxStaleness.Value.TotalSeconds:0.###} s); raise it, or look at the link to {name}";
            return new(UpdateOutcome.Rejected, name, 0, header.Clock, header.Loss, null, null, stale);
        }

        if (Factor(header, loss, out double a) is { } unusable)
        {
            payload.Dispose();
            _context.Report(ReportKind.FactorFailed, name ?? "", new(FailureKind.BadState, unusable), isNews: !_factorFailed);
            _factorFailed = true;
            return new(UpdateOutcome.Rejected, name, 0, header.Clock, header.Loss, null, null, $"the parameters of {name} are not mixed: {unusable}");
        }

        Moved(header.Sender, a, header.Clock);
        return new(UpdateOutcome.Averaged, name, a, header.Clock, header.Loss, payload, own, null) { Codec = header.Codec, Round = header.Round, Transfer = _fetch.Transfer, Age = age };
    }

    /// <summary>What a peer has pushed, or gives in a swap that it asked for: <c>a = w_j / (w_i + w_j)</c> in a push-sum, ½ in a swap, else the method's.</summary>
    private IncomingMix? MixIncoming(TimeSpan now, double loss)
    {
        if (!_incoming.IsReady)
            return null;
        TimeSpan age = _incoming.Fetch.Age(now);
        IPayload payload = _incoming.Take(out MessageHeader header, out Snapshot? own)!;
        string name = _context.NameOf(header.Sender);
        double a = 0.5;
        switch (_incoming.Kind)
        {
            case ExchangeKind.PushSum:
                double theirs = _incoming.Weight;
                a = theirs / (Weight + theirs);
                _context.Offers.Weight += theirs;
                break;
            case ExchangeKind.Push when Factor(header, loss, out a) is { } unusable:
                payload.Dispose();
                _context.Report(ReportKind.FactorFailed, name, new(FailureKind.BadState, unusable), isNews: !_factorFailed);
                _factorFailed = true;
                return null;
        }

        Moved(header.Sender, a, header.Clock);
        return new(name, a, header.Clock, header.Loss, payload, _form == ApplyForm.Delta ? own ?? _context.TakeUnusedOwn() : null) { Codec = header.Codec, Round = header.Round, Age = age };
    }

    /// <summary>What is mixed moves the clock too: <c>c_i ← a·c_j + (1−a)·c_i</c>.</summary>
    private void Moved(ulong sender, double a, double peerClock)
    {
        _context.Clock = Mixed(Clock, peerClock, a);
        _context.Offers.IsCurrent = false;
        _context.Peers.Record(sender)?.WasGood();
    }

    /// <summary>The last decision was carried out otherwise, because parameters were further away than <see cref="DpwaOptions.MaxDeltaNorm"/> allows: the clock moves by what was
    /// really mixed, and it is counted against the peers.</summary>
    /// <param name="now">The time.</param>
    /// <param name="done">The decision as it was carried out.</param>
    public void CarriedOut(TimeSpan now, in Decision done)
    {
        _context.Clock = Mixed(_clockBefore, done.PeerClock, done.Factor);
        TooFar(now, done.Peer, done.Excess, done.DeltaNorm);
        if (done.Incoming is not { } incoming)
            return;
        _context.Clock = Mixed(Clock, incoming.PeerClock, incoming.Factor);
        TooFar(now, incoming.Peer, incoming.Excess, incoming.DeltaNorm);
    }

    private static double Mixed(double mine, double theirs, double a) => a * theirs + (1 - a) * mine;

    private void TooFar(TimeSpan now, string? name, DeltaExcess? excess, double? norm)
    {
        if (excess is not { } done || name is null || _context.Peers.Record(MessageHeader.IdOf(name)) is not { } peer)
            return;
        var failure = new Failure(FailureKind.BadState, $"parameters {norm:0.###} away from mine, which max_delta_norm {(done == DeltaExcess.Clip ? "clips" : "refuses")}");
        bool isAlone = peer.WasTooFar(now, done, _context.Quarantine, out bool isNews);
        _context.Report(ReportKind.PeerTooFar, name, failure, isNews);
        if (isAlone)
            _context.ReportQuarantine(name, failure);
    }

    /// <summary>The factor, or why there is none. A custom method is somebody's code: what it throws must not leave the caller waiting.</summary>
    private string? Factor(in MessageHeader header, double loss, out double a)
    {
        try
        {
            a = FactorMethods.Damp(_method.Factor(new(Clock, header.Clock, loss, header.Loss)), loss, _divergenceThreshold);
            return a is >= 0 and <= 1 ? null : $"factor method '{_method.Name}' gave {a}, which is not in [0, 1]: the method is to be mended";
        }
        catch (Exception e)
        {
            a = 0;
            return $"factor method '{_method.Name}' failed: {e.Message}: the method is to be mended";
        }
    }

    /// <summary>Throws when the loss decides the factor and cannot be used. A driver asks before it writes a snapshot for <see cref="UpdateSend"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The loss is used and is negative or not finite.</exception>
    public void CheckLoss(double loss)
    {
        if (LossIsUsed && !IsUsable(loss))
            throw new ArgumentOutOfRangeException(nameof(loss), loss, $"the loss decides the factor (interpolation '{_method.Name}', divergence_threshold {_divergenceThreshold}), so it must be a finite number ≥ 0");
    }

    private Failure JudgePeerLoss(MessageHeader header) => LossIsUsed && !IsUsable(header.Loss)
        ? new(FailureKind.BadState, $"has the loss {header.Loss}, which is not a finite number ≥ 0")
        : default;

    private static bool IsUsable(double loss) => double.IsFinite(loss) && loss >= 0;
}
