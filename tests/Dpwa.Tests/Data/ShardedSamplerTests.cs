using CsCheck;
using Dpwa.Data;

namespace Dpwa.Tests.Data;

public sealed class ShardedSamplerTests
{
    [Fact]
    public void Shares_by_index_are_disjoint_and_cover_the_data_and_differ_by_one_at_most() =>
        Gen.Select(Gen.Int[0, 500], Gen.Int[1, 20], Gen.Long, Gen.Int[0, 100]).Sample((samples, workers, seed, epoch) =>
        {
            var samplers = Enumerable.Range(0, workers).Select(w => ShardedSampler.ByIndex(new(w, workers), samples, seed)).ToArray();
            int[][] shares = [.. samplers.Select(s => s.Epoch(epoch))];
            return shares.SelectMany(s => s).Order().SequenceEqual(Enumerable.Range(0, samples))
                && shares.Max(s => s.Length) - shares.Min(s => s.Length) <= 1
                && samplers.Zip(shares).All(s => s.First.Count == s.Second.Length);
        });

    [Fact]
    public void Shares_by_label_are_disjoint_and_cover_the_data_and_differ_by_the_pieces_at_most() =>
        Gen.Select(Gen.Int[0, 9].Array[0, 300], Gen.Int[1, 12], Gen.Int[1, 3], Gen.Long).Sample((labels, workers, pieces, seed) =>
        {
            int[][] shares = [.. Enumerable.Range(0, workers).Select(w => ShardedSampler.ByLabel(new(w, workers), labels, seed, pieces).Epoch(3))];
            return shares.SelectMany(s => s).Order().SequenceEqual(Enumerable.Range(0, labels.Length))
                && shares.Max(s => s.Length) - shares.Min(s => s.Length) <= pieces;
        });

    [Fact]
    public void Shares_by_label_have_few_labels()
    {
        int[] labels = [.. Enumerable.Range(0, 1000).Select(i => i * 7 % 10)];
        int[] Labels(int worker, int pieces) => [.. ShardedSampler.ByLabel(new(worker, 5), labels, seed: 1, pieces).Epoch(0).Select(i => labels[i]).Distinct()];
        for (int worker = 0; worker < 5; worker++)
        {
            Assert.Equal(2, Labels(worker, pieces: 1).Length);
            Assert.InRange(Labels(worker, pieces: 2).Length, 2, 4);
        }

        int[][] shares = [.. Enumerable.Range(0, 5).Select(w => Labels(w, pieces: 1))];
        Assert.Equal(10, shares.SelectMany(s => s).Distinct().Count());
    }

    [Fact]
    public void Each_epoch_deals_anew_by_index_and_reorders_by_label()
    {
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i % 10)];
        var byIndex = ShardedSampler.ByIndex(new(0, 2), 100);
        var byLabel = ShardedSampler.ByLabel(new(0, 2), labels);

        Assert.NotEqual(byIndex.Epoch(0).Order(), byIndex.Epoch(1).Order());
        Assert.Equal(byIndex.Epoch(0), byIndex.Epoch(0));
        Assert.NotEqual(byLabel.Epoch(0), byLabel.Epoch(1));
        Assert.Equal(byLabel.Epoch(0).Order(), byLabel.Epoch(1).Order());
    }

    [Fact]
    public void The_shares_are_the_same_on_every_machine()
    {
        int[][] expected = [[7, 9, 8, 0], [5, 4, 2], [3, 1, 6]];
        for (int worker = 0; worker < 3; worker++)
            Assert.Equal(expected[worker], ShardedSampler.ByIndex(new(worker, 3), samples: 10, seed: 5).Epoch(2));
    }

    [Fact]
    public void A_nodes_number_is_its_place_in_the_configuration()
    {
        var options = new DpwaOptions { Nodes = [new("b", "127.0.0.1", 1), new("a", "127.0.0.1", 2), new("c", "127.0.0.1", 3)] };
        Assert.Equal(new DataShard(1, 3), DataShard.Of(options, "a"));
        Assert.Throws<DpwaConfigurationException>(() => DataShard.Of(options, "d"));
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DataShard(2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DataShard(-1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => ShardedSampler.ByIndex(default, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => ShardedSampler.ByIndex(new(0, 1), -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ShardedSampler.ByLabel(new(0, 1), [1], piecesPerWorker: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ShardedSampler.ByIndex(new(0, 1), 1).Epoch(-1));
    }
}
