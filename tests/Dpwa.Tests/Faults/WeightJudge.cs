using Dpwa.Averaging;
using Dpwa.Exchange;

namespace Dpwa.Tests.Faults;

/// <summary>
/// Σw of a push-sum at every moment: what the nodes have, what waits to be mixed, and what is in limbo and has not arrived, is what began less what ended with a process. An ended process takes its weight
/// along, that which it offered and that which it had taken up; nothing else is ever lost, and nothing is ever doubled.
/// </summary>
internal sealed class WeightJudge(FaultScenario scenario, OfferJudge offers, Func<int, GossipNode?> nodeOf, ulong[] lives)
{
    private readonly List<Offer> _limbo = [];
    private readonly List<Offer> _limboBefore = [];
    private double _expected = 1;

    /// <summary>A node is about to end.</summary>
    public void Dies(int node)
    {
        GossipNode ending = nodeOf(node)!;
        _expected -= ending.Weight + ending.WaitingWeight + ending.InLimbo.Select(limbo => OfferOf(node, limbo)).Where(offer => !offer.IsApplied).Sum(offer => offer.Weight);
    }

    public void Began() => _expected += 1.0 / scenario.Nodes;

    public void Check()
    {
        _limboBefore.Clear();
        _limboBefore.AddRange(_limbo);
        _limbo.Clear();
        double sum = 0;
        for (int i = 0; i < scenario.Nodes; i++)
        {
            if (nodeOf(i) is not { } node)
                continue;
            sum += node.Weight + node.WaitingWeight;
            if (!(double.IsFinite(node.Weight) && node.Weight > 0))
                throw new FaultViolation($"the weight of w{i} is {node.Weight}");
            if (node.WaitingWeight > 0 || offers.Current(i) is { IsMixed: true })
                Arrived(i);
        }

        for (int i = 0; i < scenario.Nodes; i++)
        {
            foreach (Limbo limbo in nodeOf(i)?.InLimbo ?? [])
            {
                Offer offer = OfferOf(i, limbo);
                offer.TakerLife = limbo.Incarnation;
                _limbo.Add(offer);
                sum += offer.IsApplied ? 0 : offer.Weight;
            }
        }

        // What was offered to a life that has ended it may have applied and passed on, so it is not taken back: that weight may be lost is the price of never doubling it.
        foreach (Offer offer in _limboBefore)
        {
            if (!IsNear(sum) && offer.TakerLife != lives[offer.To] && !offer.IsApplied && !_limbo.Contains(offer) && IsAlive(offer))
                _expected -= offer.Weight;
        }

        if (!IsNear(sum))
            throw new FaultViolation($"the weights add up to {sum}, not to {_expected}");
    }

    /// <summary>Whether the process that made an offer still runs.</summary>
    private bool IsAlive(Offer offer) => nodeOf(offer.From) is not null && lives[offer.From] == offer.Life;

    private bool IsNear(double sum) => Math.Abs(sum - _expected) <= 1e-9;

    /// <summary>Weight is here that was not: it has arrived, and is no longer on its way. If nobody is left who sent it, the sum has it back.</summary>
    private void Arrived(int node)
    {
        Offer offer = offers.Current(node) ?? throw new FaultViolation($"w{node} has weight that nobody has offered to it");
        if (offer.IsApplied)
            return;
        offer.IsApplied = true;
        if (!IsAlive(offer))
            _expected += offer.Weight;
    }

    private Offer OfferOf(int node, in Limbo limbo) => offers.Find(node, lives[node], limbo.Request) ?? throw new FaultViolation($"w{node} has weight in limbo that it has not offered");
}
