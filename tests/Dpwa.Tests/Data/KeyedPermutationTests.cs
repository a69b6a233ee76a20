using CsCheck;
using Dpwa.Data;

namespace Dpwa.Tests.Data;

public sealed class KeyedPermutationTests
{
    [Fact]
    public void Every_value_comes_once() =>
        Gen.Select(Gen.Int[0, 2000], Gen.ULong).Sample((length, key) =>
        {
            var permutation = new KeyedPermutation(length, key);
            bool[] seen = new bool[length];
            for (int i = 0; i < length; i++)
                seen[permutation[i]] = true;
            return seen.All(s => s);
        });

    [Fact]
    public void Its_values_are_fixed_for_good()
    {
        // Computed once from the description in the type's remarks, by another program.
        Assert.Equal([6, 8, 4, 9, 0, 3, 5, 1, 2, 7], All(new KeyedPermutation(10, 42)));
        Assert.Equal([743070, 350980, 322338, 531720, 154971], Enumerable.Range(0, 5).Select(i => new KeyedPermutation(1_000_000, 0xFEDCBA9876543210)[i]));
        Assert.Equal(7758145696617331093UL, KeyedPermutation.Key(7, 3));
    }

    [Fact]
    public void Long_ranges_stay_in_range() =>
        Gen.Select(Gen.Long[1, long.MaxValue], Gen.ULong, Gen.Double[0, 0.999]).Sample((length, key, where) =>
        {
            long value = new KeyedPermutation(length, key)[(long)(where * length)];
            return value >= 0 && value < length;
        });

    [Fact]
    public void The_inverse_finds_where_a_value_stands() =>
        Gen.Select(Gen.Long[1, long.MaxValue], Gen.ULong, Gen.Double[0, 0.999]).Sample((length, key, where) =>
        {
            var permutation = new KeyedPermutation(length, key);
            long some = (long)(where * length);
            return permutation.IndexOf(permutation[some]) == some && permutation[permutation.IndexOf(some)] == some;
        });

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(257)]
    public void The_inverse_of_a_short_one_is_right_everywhere(int length)
    {
        var permutation = new KeyedPermutation(length, key: 42);
        Assert.Equal(Enumerable.Range(0, length).Select(i => (long)i), Enumerable.Range(0, length).Select(i => permutation.IndexOf(permutation[i])));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Short_permutations_are_all_about_as_likely(int length)
    {
        const int keys = 24_000;
        var counts = Enumerable.Range(0, keys)
            .GroupBy(k => string.Join(',', All(new KeyedPermutation(length, KeyedPermutation.Key(1, k)))), StringComparer.Ordinal)
            .Select(g => g.Count()).ToArray();
        int factorial = Enumerable.Range(1, length).Aggregate(1, (a, b) => a * b);

        // Chi-squared at 23 degrees of freedom is above 60 once in 30,000 times; the keys are fixed.
        double expected = (double)keys / factorial;
        Assert.Equal(factorial, counts.Length);
        Assert.InRange(counts.Sum(c => (c - expected) * (c - expected) / expected), 0, 60);
    }

    [Fact]
    public void Out_of_range_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedPermutation(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedPermutation(3, 0)[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedPermutation(0, 0)[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedPermutation(3, 0).IndexOf(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedPermutation(3, 0).IndexOf(-1));
    }

    private static IEnumerable<long> All(KeyedPermutation permutation) => Enumerable.Range(0, (int)permutation.Length).Select(i => permutation[i]);
}
