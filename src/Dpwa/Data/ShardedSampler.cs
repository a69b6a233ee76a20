namespace Dpwa.Data;

/// <summary>
/// Which samples a worker trains on in an epoch, and in which order. Every worker computes its own share from the common seed; the shares of an epoch
/// have no sample in common and together are the whole data set. Nothing is exchanged, and no process-wide random state is used.
/// </summary>
public abstract class ShardedSampler
{
    private protected ShardedSampler(int count) => Count = count;

    /// <summary>The number of samples of this worker in every epoch.</summary>
    public int Count { get; }

    /// <summary>Deals the whole data set anew in each epoch, like cards from a shuffled deck: every worker sees all of the data in time. Sizes differ by at
    /// most 1.</summary>
    /// <param name="shard">Whose share.</param>
    /// <param name="samples">The number of samples of the data set.</param>
    /// <param name="seed">The same on all workers.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="samples"/> is negative.</exception>
    public static ShardedSampler ByIndex(DataShard shard, int samples, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        return new IndexSampler(Checked(shard), samples, seed);
    }

    /// <summary>
    /// Gives each worker a fixed share with few of the labels, as where data cannot leave the place where it arises (non-IID): the samples in the order
    /// of their labels are cut into <paramref name="piecesPerWorker"/> pieces a worker, and the seed says who gets which. A worker sees its share
    /// in another order each epoch. Sizes differ by at most <paramref name="piecesPerWorker"/>.
    /// </summary>
    /// <param name="shard">Whose share.</param>
    /// <param name="labels">The label of each sample.</param>
    /// <param name="seed">The same on all workers.</param>
    /// <param name="piecesPerWorker">1, the default, is the most uneven; more pieces mean more labels a worker.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="piecesPerWorker"/> is below 1.</exception>
    public static ShardedSampler ByLabel(DataShard shard, ReadOnlySpan<int> labels, long seed = 0, int piecesPerWorker = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(piecesPerWorker, 1);
        shard = Checked(shard);
        int[] keys = labels.ToArray();
        int[] sorted = [.. Enumerable.Range(0, keys.Length)];

        // By label, then by index: the order of an unstable sort must not differ from version to version.
        Array.Sort(sorted, (a, b) => keys[a] != keys[b] ? keys[a].CompareTo(keys[b]) : a.CompareTo(b));
        long pieces = (long)shard.Workers * piecesPerWorker;
        var dealt = new KeyedPermutation(pieces, KeyedPermutation.Key(seed, -1));
        var own = new List<int>();
        for (int i = 0; i < piecesPerWorker; i++)
        {
            long piece = dealt[(long)shard.Worker * piecesPerWorker + i];
            own.AddRange(sorted[(int)(piece * sorted.Length / pieces)..(int)((piece + 1) * sorted.Length / pieces)]);
        }

        return new FixedSampler([.. own], KeyedPermutation.Key(seed, shard.Worker));
    }

    /// <summary>The indices of this worker's samples in epoch <paramref name="epoch"/>, in the order of training. <see cref="Count"/> of them.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epoch"/> is negative.</exception>
    public int[] Epoch(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        int[] indices = new int[Count];
        Fill(indices, epoch);
        return indices;
    }

    private protected abstract void Fill(Span<int> indices, int epoch);

    /// <summary>A <c>default</c> shard has not passed the constructor.</summary>
    private static DataShard Checked(DataShard shard) => new(shard.Worker, shard.Workers);

    private sealed class IndexSampler(DataShard shard, int samples, long seed)
        : ShardedSampler((int)(((long)samples - shard.Worker + shard.Workers - 1) / shard.Workers))
    {
        private protected override void Fill(Span<int> indices, int epoch)
        {
            var deck = new KeyedPermutation(samples, KeyedPermutation.Key(seed, epoch));
            for (int i = 0; i < indices.Length; i++)
                indices[i] = (int)deck[shard.Worker + (long)i * shard.Workers];
        }
    }

    private sealed class FixedSampler(int[] own, ulong key)
        : ShardedSampler(own.Length)
    {
        private protected override void Fill(Span<int> indices, int epoch)
        {
            var order = new KeyedPermutation(own.Length, KeyedPermutation.Key((long)key, epoch));
            for (int i = 0; i < indices.Length; i++)
                indices[i] = own[order[i]];
        }
    }
}
