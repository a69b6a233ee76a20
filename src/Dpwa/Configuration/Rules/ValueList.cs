using System.Collections;

namespace Dpwa.Configuration;

/// <summary>A list of an options record: a copy that cannot change under its readers, and equal when its items are, as a record's parts should be.</summary>
internal sealed class ValueList<T> : IReadOnlyList<T>, IEquatable<ValueList<T>>
    where T : IEquatable<T>
{
    public static readonly ValueList<T> Empty = new([]);

    private readonly T[] items;

    private ValueList(T[] items) => this.items = items;

    public int Count => items.Length;

    public T this[int index] => items[index];

    public static ValueList<T> Of(IEnumerable<T> items) => items as ValueList<T> ?? new([.. items]);

    public bool Equals(ValueList<T>? other) => other is not null && items.AsSpan().SequenceEqual(other.items);

    public override bool Equals(object? obj) => Equals(obj as ValueList<T>);

    // The first and the number tell clusters apart well enough, and thousands of them are not read for it.
    public override int GetHashCode() => HashCode.Combine(items.Length, items.FirstOrDefault());

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();

    public override string ToString() => $"[{Words.List([.. items.Select(n => n?.ToString() ?? "null")])}]";
}
