using System.Collections;

namespace Dpwa.Configuration;

/// <summary>The nodes of an options record: a copy that cannot change under its readers, and equal when the nodes are, as a record's parts should be.</summary>
internal sealed class NodeList : IReadOnlyList<DpwaNode>, IEquatable<NodeList>
{
    public static readonly NodeList Empty = new([]);

    private readonly DpwaNode[] nodes;

    private NodeList(DpwaNode[] nodes) => this.nodes = nodes;

    public int Count => nodes.Length;

    public DpwaNode this[int index] => nodes[index];

    public static NodeList Of(IEnumerable<DpwaNode> nodes) => nodes as NodeList ?? new([.. nodes]);

    public bool Equals(NodeList? other) => other is not null && nodes.AsSpan().SequenceEqual(other.nodes);

    public override bool Equals(object? obj) => Equals(obj as NodeList);

    // The first and the number tell clusters apart well enough, and thousands of nodes are not read for it.
    public override int GetHashCode() => HashCode.Combine(nodes.Length, nodes.FirstOrDefault());

    public IEnumerator<DpwaNode> GetEnumerator() => ((IEnumerable<DpwaNode>)nodes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => nodes.GetEnumerator();

    public override string ToString() => $"[{Words.List([.. nodes.Select(n => n?.ToString() ?? "null")])}]";
}
