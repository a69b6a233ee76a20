using System.Diagnostics.CodeAnalysis;
using Dpwa.Exchange;
using Dpwa.Peers.Topologies;
using Dpwa.Protocol;

namespace Dpwa.Peers;

/// <summary>
/// A node's view of its peers. Only peers that it has dealt with have a record; the rest are as good as new, and a draw treats them by the closed
/// form of their maximum, so that ten thousand nodes neither store nor visit 10⁸ records.
/// </summary>
internal sealed class PeerTable : IPeerCandidates
{
    private readonly Dictionary<ulong, PeerRecord> _records = [];
    private readonly ulong _self;
    private Membership _members;
    private int _selfIndex;
    private TimeSpan _now;
    private ulong _exchange;

    public PeerTable(Membership members, ulong self, Random random)
    {
        _self = self;
        Use(members);
        Random = random;
    }

    public Random Random { get; }

    public long Round { get; private set; }

    public int Count => _members.Nodes.Length - (_selfIndex >= 0 ? 1 : 0);

    public int MemberCount => _members.Nodes.Length;

    public int Self => _selfIndex;

    public void Add(DpwaNode node) => Use(_members.With(node));

    public bool Remove(string name)
    {
        ulong id = MessageHeader.IdOf(name);
        if (id == _self || _members.IndexOf(id) < 0)
            return false;
        Use(_members.Without(name));
        _records.Remove(id);
        return true;
    }

    public DpwaNode? Find(ulong id) => _members.IndexOf(id) is var index and >= 0 ? _members.Nodes[index] : null;

    /// <summary>The record of a member, made when there is none; null for a stranger.</summary>
    public PeerRecord? Record(ulong id)
    {
        if (_records.TryGetValue(id, out PeerRecord? record))
            return record;
        if (id == _self || _members.IndexOf(id) < 0)
            return null;
        return _records[id] = new PeerRecord(id);
    }

    /// <summary>This member, if it may be asked now.</summary>
    public PeerRecord? FindEligible(ulong id, TimeSpan now, ulong exchange)
    {
        Prepare(now, exchange, Round);
        return Record(id) is { } record && IsEligible(record) ? record : null;
    }

    /// <summary>Draws a peer that this exchange has not tried yet, or null when none may be asked.</summary>
    public PeerRecord? Draw(IPeerSelector selector, TimeSpan now, ulong exchange, long round)
    {
        Prepare(now, exchange, round);
        int index = selector.Select(this);
        return index >= 0 && index < Count && IsEligible(index) ? Record(IdAt(index)) : null;
    }

    /// <summary>What a schedule has for this node in a round.</summary>
    public Turn Turn(ISchedule? schedule, long round) => Topologies.Turn.Of(schedule, round, Self, MemberCount);

    /// <summary>Whether a member is neither gone nor backing off.</summary>
    public bool MayAsk(int member, TimeSpan now) => !_records.TryGetValue(_members.Ids[member], out PeerRecord? record) || record.IsAvailable(now);

    /// <summary>Whether a member is left alone for what it sent.</summary>
    public bool IsQuarantined(ulong id, TimeSpan now) => _records.TryGetValue(id, out PeerRecord? record) && record.IsQuarantined(now);

    /// <summary>A final merge begins: nobody has taken from it.</summary>
    public void ForgetFinals()
    {
        foreach (PeerRecord record in _records.Values)
            record.HasFinal = false;
    }

    /// <summary>Fixes the moment and the exchange that eligibility and scores are asked for.</summary>
    internal void Prepare(TimeSpan now, ulong exchange, long round = 0) => (_now, _exchange, Round) = (now, exchange, round);

    public string Name(int index) => MemberName(MemberIndex(index));

    public string MemberName(int member) => _members.Nodes[member].Name;

    public int PeerAt(int member) => member == _selfIndex ? -1 : PeerIndex(member);

    public int IndexOf(ulong id) => _members.IndexOf(id) is var member and >= 0 ? PeerAt(member) : -1;

    public bool IsEligible(int index) =>
        !_records.TryGetValue(IdAt(index), out PeerRecord? record) || IsEligible(record);

    public double Score(int index) =>
        _records.TryGetValue(IdAt(index), out PeerRecord? record) ? record.Score(_now) : PeerRecord.HighestScore;

    /// <summary>The original's rule: the largest score + uniform[10, 1000].</summary>
    public int DrawByScore()
    {
        const double low = 10, high = 1000;
        double best = double.NegativeInfinity;
        ulong? chosen = null;
        foreach (PeerRecord record in _records.Values)
        {
            if (!IsEligible(record))
                continue;
            double value = record.Score(_now) + low + (high - low) * Random.NextDouble();
            if (value > best)
                (best, chosen) = (value, record.Id);
        }

        int untouched = Count - _records.Count;
        if (untouched > 0)
        {
            // The largest of n uniform draws is distributed as U^(1/n); all untouched peers have one score, so any of them is it.
            double value = PeerRecord.HighestScore + low + (high - low) * Math.Pow(Random.NextDouble(), 1.0 / untouched);
            if (value > best)
                return RandomUntouched();
        }

        return chosen is { } id ? PeerIndex(_members.IndexOf(id)) : -1;
    }

    public IEnumerable<DpwaNode> Nodes => Enumerable.Range(0, Count).Select(i => _members.Nodes[MemberIndex(i)]);

    public IReadOnlyList<PeerStatus> Statuses(TimeSpan now)
    {
        var statuses = new List<PeerStatus>(Count);
        for (int i = 0; i < Count; i++)
        {
            DpwaNode node = _members.Nodes[MemberIndex(i)];
            PeerRecord? record = _records.GetValueOrDefault(IdAt(i));
            PeerState state = record switch
            {
                null => PeerState.Available,
                _ when record.IsQuarantined(now) => PeerState.Quarantined,
                { Left: true } => PeerState.Left,
                _ => record.IsAvailable(now) ? PeerState.Available : PeerState.BackingOff,
            };
            statuses.Add(new PeerStatus(
                node.Name, node.Address, record?.Score(now) ?? PeerRecord.HighestScore, state, record?.LastFailure.Text,
                record?.BytesReceived ?? 0, record?.BytesSent ?? 0, record?.Exchanges ?? 0, record?.Failures ?? 0)
            {
                BadPayloads = record?.BadPayloads ?? 0,
                Clipped = record?.Clipped ?? 0,
                Latency = record?.Pace.Latency,
                Throughput = record?.Pace.Throughput,
            });
        }

        return statuses;
    }

    private bool IsEligible(PeerRecord record) => record.TriedIn != _exchange && record.IsAvailable(_now);

    private int RandomUntouched()
    {
        while (true)
        {
            int index = Random.Next(Count);
            if (!_records.ContainsKey(IdAt(index)))
                return index;
        }
    }

    private ulong IdAt(int index) => _members.Ids[MemberIndex(index)];

    private int MemberIndex(int peerIndex) => _selfIndex >= 0 && peerIndex >= _selfIndex ? peerIndex + 1 : peerIndex;

    private int PeerIndex(int memberIndex) => _selfIndex >= 0 && memberIndex > _selfIndex ? memberIndex - 1 : memberIndex;

    /// <summary>Where this node stands in the list is looked up here once, not at each index that a draw converts.</summary>
    [MemberNotNull(nameof(_members))]
    private void Use(Membership members) => (_members, _selfIndex) = (members, members.IndexOf(_self));
}
