using Dpwa.Protocol;

namespace Dpwa.Tests.Faults;

/// <summary>What a node has published: its numbers, told from all others by the loss that travelled with them.</summary>
internal sealed record Publication(int Node, int Life, double Tag, NodeState State, TimeSpan At)
{
    /// <summary>How often it was what a difference was taken to: once at the most, and once more in a swap.</summary>
    public int Differences { get; set; }
}

/// <summary>A node between two events: the number of each block of its model, and, with an outer optimizer, of its slow copy and momentum.</summary>
internal sealed record NodeState(double[] Values, double[]? Slow, double[]? Momentum, double Clock, double Weight);

/// <summary>Computes, from METHODS and nothing of the library, what a result may be: of these parameters, of that peer's, by that factor. Anything else is a violation.</summary>
internal sealed class MixJudge(FaultScenario scenario, TaggedModel model)
{
    /// <summary>How many of its own publications a difference may be taken to. One that was swapped is kept until the other's has come, many steps later perhaps.</summary>
    private const int Recent = 50;

    private readonly DpwaOptions _options = scenario.Options;
    private readonly Dictionary<double, Publication> _published = [];
    private readonly Dictionary<int, List<Publication>> _own = [];
    private readonly Dictionary<int, Publication> _finals = [];

    public void Published(Publication publication)
    {
        _published.Add(publication.Tag, publication);
        if (!_own.TryGetValue(publication.Node, out List<Publication>? own))
            own = _own[publication.Node] = [];
        own.RemoveAll(p => p.Life != publication.Life);
        own.Insert(0, publication);
        if (own.Count > Recent)
            own.RemoveAt(Recent);
    }

    public void PublishedFinal(Publication publication)
    {
        Published(publication);
        _finals[publication.Node] = publication;
    }

    public Publication Find(double tag) => _published.TryGetValue(tag, out Publication? found) ? found : throw new FaultViolation($"something was mixed that nobody has published: {tag}");

    /// <summary>What one UpdateWait has done.</summary>
    /// <param name="node">Who.</param>
    /// <param name="before">As it was when it began to wait.</param>
    /// <param name="after">As it is now.</param>
    /// <param name="loss">Its own.</param>
    /// <param name="result">What it was told.</param>
    /// <param name="offered">The weight that came with what a peer pushed.</param>
    /// <returns>The tags of what was mixed.</returns>
    public List<double> Check(int node, NodeState before, NodeState after, double loss, in UpdateResult result, double offered)
    {
        var mixes = new List<Mix>();
        double clock = before.Clock;
        double weight = before.Weight;
        if (result is { Transfer.Ticks: > 0, Reason: null })
            mixes.Add(Judged(result.Peer, result.PeerLoss, result.PeerClock, result.Factor, _options.Exchange == ExchangeKind.Swap ? 0.5 : Factor(clock, loss, result.PeerClock, result.PeerLoss)));
        clock = mixes is [var own] ? Mixed(clock, result.PeerClock, own.Factor) : clock;
        if (result.Incoming is { } incoming)
        {
            double factor = _options.Exchange switch
            {
                ExchangeKind.Swap => 0.5,
                ExchangeKind.PushSum => offered / (weight + offered),
                _ => Factor(clock, loss, incoming.PeerClock, incoming.PeerLoss),
            };
            mixes.Add(Judged(incoming.Peer, incoming.PeerLoss, incoming.PeerClock, incoming.Factor, factor));
            clock = Mixed(clock, incoming.PeerClock, incoming.Factor);
            weight += _options.Exchange == ExchangeKind.PushSum ? offered : 0;
        }

        if (mixes.Count > 0 != (result.Outcome == UpdateOutcome.Averaged))
            throw new FaultViolation($"w{node} was told {result.Outcome}, but {mixes.Count} snapshots were mixed");
        Near(node, "clock", after.Clock, clock);
        Near(node, "weight", after.Weight, weight);
        if (!Explains(node, before, before, after, mixes, 0))
            throw new FaultViolation($"w{node} is where no method leads: from {Words(before.Values)} to {Words(after.Values)} by {string.Join(" and ", mixes.Select(m => $"{m.Factor:0.####} of w{m.Peer.Node}'s {Words(m.Peer.State.Values)}"))}");
        return [.. mixes.Select(m => m.Peer.Tag)];
    }

    /// <summary>A final merge: the mean of mine and of those that are not missing.</summary>
    public void CheckMerge(int node, NodeState after, IReadOnlyList<string> missing)
    {
        Publication[] merged = [.. Enumerable.Range(0, scenario.Nodes).Where(i => i == node || !missing.Contains($"w{i}")).Select(i => _finals.TryGetValue(i, out Publication? final) ? final : throw new FaultViolation($"w{node} merged with w{i}, which has not finished"))];
        for (int b = 0; b < model.Blocks.Count; b++)
        {
            double mean = merged.Average(p => p.Node == node ? p.State.Values[b] : Coded(p.State.Values[b], b));
            bool isParameter = model.Blocks[b].Kind == TensorKind.Parameter;
            if (Math.Abs(after.Values[b] - mean) > model.Blocks[b].Slack * (1 + merged.Sum(p => Math.Abs(p.State.Values[b]))))
                throw new FaultViolation($"w{node} has merged with {merged.Length - 1} and is at {after.Values[b]} in block {b} ({(isParameter ? "a parameter" : "a statistic")}), not at the mean {mean}");
        }
    }

    /// <summary>A model that a new life begins with: one that somebody has published, whole and as it was; or what it had.</summary>
    public void CheckBootstrap(int node, NodeState before, NodeState after, in BootstrapResult result)
    {
        (string? peer, double clock) = (result.Peer, result.Clock);
        NodeState expected = result.HasModel ? _published.Values.LastOrDefault(p => $"w{p.Node}" == peer && p.State.Clock == clock && Agree(p.State.Values, after.Values))?.State
            ?? throw new FaultViolation($"w{node} begins with a model that {peer} has not published: {Words(after.Values)}") : before;
        if (!Agree(expected.Values, after.Values) || (result.HasModel && expected.Slow is { } slow && after.Slow is { } own && !Agree(slow, own)))
            throw new FaultViolation($"w{node} begins with {Words(after.Values)}, not with {Words(expected.Values)}");
        Near(node, "clock", after.Clock, expected.Clock);
        Near(node, "weight", after.Weight, before.Weight);

        static bool Agree(double[] a, double[] b) => a.AsSpan().SequenceEqual(b);
    }

    private Mix Judged(string? peer, double tag, double clock, double factor, double full)
    {
        Publication publication = Find(tag);
        if (peer != $"w{publication.Node}" || clock != publication.State.Clock)
            throw new FaultViolation($"what w{publication.Node} published at clock {publication.State.Clock} was mixed as {peer}'s of clock {clock}");
        if (!(factor >= 0) || factor > full * (1 + 1e-9) || (_options.MaxDeltaNorm is null && factor < full * (1 - 1e-9)))
            throw new FaultViolation($"mixed by {factor}, not by {full}");
        return new(publication, factor, full);
    }

    /// <summary>METHODS, "Factors".</summary>
    private double Factor(double clock, double loss, double peerClock, double peerLoss)
    {
        double factor = _options.Interpolation switch
        {
            "clock" => clock + peerClock == 0 ? 0.5 : peerClock / (clock + peerClock),
            "loss" => loss + peerLoss == 0 ? 0.5 : loss / (loss + peerLoss),
            _ => _options.ConstantValue,
        };
        return loss < _options.DivergenceThreshold ? factor * loss / _options.DivergenceThreshold : factor;
    }

    /// <summary>Whether these mixes lead there, with the differences taken to snapshots of my own that were in no difference before.</summary>
    private bool Explains(int node, NodeState start, NodeState before, NodeState after, List<Mix> mixes, int next)
    {
        if (next == mixes.Count)
            return Agrees(start, before, after, mixes);
        Mix mix = mixes[next];

        // Without one first: where nothing was trained since, both forms are one, and nothing is known of which it was.
        foreach (Publication? own in _options.Apply == ApplyForm.Delta ? [null, .. _own.GetValueOrDefault(node, [])] : new Publication?[] { null })
        {
            if (!IsWithinLimit(before, own, mix) || !Explains(node, start, Applied(before, own, mix), after, mixes, next + 1))
                continue;
            if (own is not null && ++own.Differences == (_options.Exchange == ExchangeKind.Swap ? 2 : 1))
                _own[node].Remove(own);
            return true;
        }

        return false;
    }

    private bool Agrees(NodeState start, NodeState expected, NodeState after, List<Mix> mixes)
    {
        bool isSubset = _options.Subset < 1 && mixes.Count > 0;
        (int blocks, int moved, int kept) = (0, 0, 0);
        for (int b = 0; b < model.Blocks.Count; b++)
        {
            double scale = 1 + Math.Abs(expected.Values[b]) + mixes.Sum(m => Math.Abs(m.Peer.State.Values[b]) + (m.Peer.State.Slow is { } s ? Math.Abs(s[b]) : 0)) + (expected.Slow is { } mine ? Math.Abs(mine[b]) : 0);
            double slack = mixes.Count == 0 ? 0 : model.Blocks[b].Slack * scale;
            bool isThere = Math.Abs(after.Values[b] - expected.Values[b]) <= slack;
            if (expected.Slow is { } slow && after.Slow is { } slowAfter)
                isThere &= Math.Abs(slowAfter[b] - slow[b]) <= slack && Math.Abs(after.Momentum![b] - expected.Momentum![b]) <= slack;
            if (isSubset && model.Blocks[b] is { Type: ElementType.Float32, Kind: TensorKind.Parameter })
            {
                bool isWhereItWas = after.Values[b] == start.Values[b];
                if (!isThere && !isWhereItWas)
                    return false;
                blocks++;
                moved += isWhereItWas ? 0 : 1;
                kept += isThere ? 0 : 1;
            }
            else if (!isThere)
            {
                return false;
            }
        }

        int chosen = Math.Max(1, (int)Math.Ceiling(_options.Subset * blocks));
        return !isSubset || (moved <= chosen && kept <= blocks - chosen);
    }

    private NodeState Applied(NodeState x, Publication? own, Mix mix)
    {
        (NodeState peer, double a) = (mix.Peer.State, mix.Factor);
        double[] values = new double[x.Values.Length];
        double[] slow = x.Slow is null ? [.. x.Values] : [.. x.Slow];
        double[] momentum = x.Momentum is null ? new double[slow.Length] : [.. x.Momentum];
        for (int b = 0; b < values.Length; b++)
        {
            bool isParameter = model.Blocks[b].Kind == TensorKind.Parameter;
            double theirs = Coded(peer.Values[b], b);
            if (_options.Outer is { } outer && isParameter)
            {
                // A slow copy that begins only now is not that of my snapshot.
                double mine = own is not null && x.Slow is not null ? own.State.Values[b] : x.Values[b];
                double theirSlow = Coded(peer.Slow![b], b);
                double mean = ((mine - slow[b]) + (theirs - theirSlow)) / 2;
                momentum[b] = outer.Alpha * momentum[b] + outer.Beta * mean + outer.Gamma * ((slow[b] + theirSlow) / 2 - slow[b]);
                slow[b] += momentum[b];
                values[b] = slow[b] + (x.Values[b] - mine);
            }
            else
            {
                values[b] = x.Values[b] + a * (theirs - (isParameter && own is not null && _options.Outer is null ? Coded(own.State.Values[b], b) : x.Values[b]));
            }
        }

        return _options.Outer is null ? x with { Values = values } : x with { Values = values, Slow = slow, Momentum = momentum };
    }

    /// <summary>Clipped by as much as the distance asks for, and no less; and not at all within the limit. How far a subset was is not known here.</summary>
    private bool IsWithinLimit(NodeState x, Publication? own, Mix mix)
    {
        if (_options.MaxDeltaNorm is not { } limit || _options.Subset < 1)
            return true;
        double squares = 0;
        for (int b = 0; b < model.Blocks.Count; b++)
        {
            double mine = own is not null && model.Blocks[b].Kind == TensorKind.Parameter ? Coded(own.State.Values[b], b) : x.Values[b];
            squares += model.Blocks[b].Count * Math.Pow(Coded(mix.Peer.State.Values[b], b) - mine, 2);
        }

        double allowed = mix.Full * Math.Min(1, limit.Value / Math.Sqrt(squares));
        return Math.Abs(mix.Factor - allowed) <= 0.01 * mix.Full;
    }

    /// <summary>A number as the codec leaves it: to nearest even. Blocks of int8 have one magnitude here, and lose nothing.</summary>
    private double Coded(double value, int block)
    {
        if (model.Blocks[block] is not { Type: ElementType.Float32, Kind: TensorKind.Parameter })
            return value;
        if (_options.Codec == PayloadCodec.Float16)
            return (double)(Half)(float)value;
        if (_options.Codec != PayloadCodec.BFloat16)
            return value;
        uint bits = BitConverter.SingleToUInt32Bits((float)value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }

    private static double Mixed(double mine, double theirs, double a) => a * theirs + (1 - a) * mine;

    private static void Near(int node, string what, double actual, double expected)
    {
        if (!(Math.Abs(actual - expected) <= 1e-9 * (1 + Math.Abs(expected))))
            throw new FaultViolation($"the {what} of w{node} is {actual}, not {expected}");
    }

    private static string Words(double[] values) => string.Join(' ', values.Select(v => v.ToString("0.#####", System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>Something that was mixed: whose, by how much, and by how much if it was near enough.</summary>
    private readonly record struct Mix(Publication Peer, double Factor, double Full);
}
