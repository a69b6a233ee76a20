using System.Collections.Frozen;
using System.Collections.Immutable;
using Dpwa.Protocol;

namespace Dpwa.Peers;

/// <summary>
/// Who belongs to the cluster: one immutable list that all nodes of a process can share. A node stores only what it knows beyond it.
/// </summary>
public sealed class Membership
{
    private readonly FrozenDictionary<ulong, int> _indexById;

    /// <summary>The members in the order of the configuration.</summary>
    /// <exception cref="ArgumentException">Two have one name.</exception>
    public Membership(IEnumerable<DpwaNode> nodes)
    {
        Nodes = [.. nodes];
        Ids = [.. Nodes.Select(n => MessageHeader.IdOf(n.Name))];
        if (Ids.Distinct().Count() != Ids.Length)
            throw new ArgumentException("Two members have one name.", nameof(nodes));
        _indexById = Ids.Select((id, index) => KeyValuePair.Create(id, index)).ToFrozenDictionary();
    }

    /// <summary>The members.</summary>
    public ImmutableArray<DpwaNode> Nodes { get; }

    /// <summary>Their ids, by the same index.</summary>
    public ImmutableArray<ulong> Ids { get; }

    /// <summary>The index of a member, or −1.</summary>
    public int IndexOf(ulong id) => _indexById.TryGetValue(id, out int index) ? index : -1;

    /// <summary>The index of a member by name, or −1.</summary>
    public int IndexOf(string name) => IndexOf(MessageHeader.IdOf(name));

    /// <summary>This list with one more member, or with a member's address changed.</summary>
    public Membership With(DpwaNode node) => IndexOf(node.Name) is var index and >= 0
        ? new(Nodes.SetItem(index, node))
        : new(Nodes.Add(node));

    /// <summary>This list without a member.</summary>
    public Membership Without(string name) => new(Nodes.Where(n => n.Name != name));
}
