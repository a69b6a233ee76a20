using Dpwa.Exchange;
using Dpwa.Protocol;

namespace Dpwa.Tests.Faults;

/// <summary>
/// Keeps the books of all exchanges by what the nodes say to each other, before anything can go wrong with it: each answer serves one mix at the most, each offer is taken up once at the most, and each snapshot
/// is in one swap at the most.
/// </summary>
internal sealed class OfferJudge(FaultScenario scenario)
{
    private readonly ulong[] _ids = [.. scenario.Options.Nodes.Select(node => MessageHeader.IdOf(node.Name))];
    private readonly Dictionary<(int Node, double Tag), int> _served = [];
    private readonly Dictionary<(int From, ulong Request), List<Offer>> _offers = [];
    private readonly HashSet<(int Node, ulong Life, ulong Sequence)> _swapped = [];
    private readonly Offer?[] _current = new Offer?[scenario.Nodes];

    /// <summary>Whose offers were taken up.</summary>
    public HashSet<int> TakenUp { get; } = [];

    /// <summary>The last offer that a node took up.</summary>
    public Offer? Current(int node) => _current[node];

    public Offer? Find(int from, ulong life, ulong request) => _offers.GetValueOrDefault((from, request))?.Find(offer => offer.Life == life);

    /// <summary>A node ended: what it had taken up is gone.</summary>
    public void Died(int node) => _current[node] = null;

    public void Sent(int from, int to, in MessageHeader header)
    {
        switch (header.Type)
        {
            case MessageType.Snapshot:
                _served[(to, header.Loss)] = _served.GetValueOrDefault((to, header.Loss)) + 1;
                break;
            case MessageType.Offer:
                if (Find(from, header.Incarnation, header.Request) is not null)
                    throw new FaultViolation($"w{from} offers twice under the number {header.Request}");
                if (!_offers.TryGetValue((from, header.Request), out List<Offer>? offers))
                    _offers[(from, header.Request)] = offers = [];
                offers.Add(new(from, header.Incarnation, header.Request, to, header.Weight, header.Sequence));
                break;
            case MessageType.Accepted:
                Accepted(from, to, header);
                break;
        }
    }

    /// <summary>A node has mixed something.</summary>
    /// <param name="node">Who.</param>
    /// <param name="tags">What.</param>
    /// <param name="incoming">Whether one of them was offered to it.</param>
    public void Mixed(int node, List<double> tags, bool incoming)
    {
        foreach (double tag in tags)
        {
            if (_served.GetValueOrDefault((node, tag)) is var left && left == 0)
                throw new FaultViolation($"w{node} has mixed snapshot {tag} more often than it was sent to it");
            _served[(node, tag)] = left - 1;
        }

        if (!incoming)
            return;
        if (_current[node] is not { IsMixed: false } offer)
            throw new FaultViolation($"w{node} has mixed an offer that it did not take up, or has mixed before");
        offer.IsMixed = true;
    }

    private void Accepted(int node, int offerer, in MessageHeader header)
    {
        ulong request = header.Request;
        Offer? offer = _offers.GetValueOrDefault((offerer, request))?.FindLast(o => o.To == node && !o.IsAccepted);
        if (offer is null)
            throw new FaultViolation($"w{node} takes up offer {request} of w{offerer} a second time, or one that was never made");
        offer.IsAccepted = true;
        if (scenario.Options.Exchange == ExchangeKind.Swap && !(_swapped.Add((offerer, offer.Life, offer.Sequence)) & _swapped.Add((node, header.Incarnation, header.Sequence))))
            throw new FaultViolation($"in the swap that w{node} takes up from w{offerer} there is a snapshot that was in another");
        if (header.Receiver != _ids[offerer])
            throw new FaultViolation($"w{node} answers w{offerer} as somebody else");
        _current[node] = offer;
        TakenUp.Add(offerer);
    }
}

/// <summary>An offer, and what has become of it.</summary>
internal sealed class Offer(int from, ulong life, ulong request, int to, double weight, ulong sequence)
{
    public int From => from;

    public ulong Life => life;

    public ulong Request => request;

    public int To => to;

    public double Weight => weight;

    public ulong Sequence => sequence;

    public bool IsAccepted { get; set; }

    /// <summary>Its weight has arrived.</summary>
    public bool IsApplied { get; set; }

    public bool IsMixed { get; set; }

    /// <summary>The life of the taker to which it was made, as the one who made it knows; 0 when it does not.</summary>
    public ulong TakerLife { get; set; }
}
