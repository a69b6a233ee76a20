using Dpwa.Data;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Forms;

/// <summary>Nodes that exchange subsets, over TCP, through shared memory and on virtual time.</summary>
public class SubsetExchangeTests
{
    private const int Limit = 60_000;
    private const int Block = 256;

    /// <summary>METHODS.md, T9: of the coordinates 1 − (1−p)^n have been seen after n rounds. What is counted are blocks: a share q of B has a standard deviation of at most √(q(1−q)/B).</summary>
    [Theory]
    [InlineData(0.05, 2000)]
    [InlineData(0.25, 2000)]
    public void The_share_of_coordinates_seen_grows_as_theory_says(double p, int blocks)
    {
        DpwaOptions options = Virtual(2) with { Subset = p, ConstantValue = 1 };
        var cluster = new VirtualCluster(options, ParameterLayout.Flat(blocks * Block), seed: 1);
        for (int n = 1; n <= 30; n++)
        {
            cluster.Model(1).Values().Fill(1);
            cluster.UpdateSend(1, 1);
            cluster.UpdateSend(0, 1);
            UpdateResult result = cluster.UpdateWait(0, 1);
            Assert.Equal((UpdateOutcome.Averaged, (long)(p * blocks) * Block * sizeof(float)), (result.Outcome, result.Bytes));
            cluster.UpdateWait(1, 1);

            double seen = cluster.Model(0).Values().ToArray().Average();
            double expected = 1 - Math.Pow(1 - p, n);
            Assert.InRange(seen, expected - 4 * Math.Sqrt(expected * (1 - expected) / blocks), expected + 4 * Math.Sqrt(expected * (1 - expected) / blocks));
        }
    }

    /// <summary>With half of a half of the model a round all still come to agree: no coordinate is left out for good.</summary>
    [Fact]
    public void All_nodes_come_to_agree_on_every_coordinate()
    {
        var cluster = new VirtualCluster(Virtual(4) with { Subset = 0.25 }, ParameterLayout.Flat(10_000), seed: 1);
        for (int i = 0; i < 4; i++)
            cluster.Model(i).Values().Fill(i);
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < 4; i++)
                cluster.UpdateSend(i, 1);
            for (int i = 0; i < 4; i++)
                cluster.UpdateWait(i, 1);
        }

        for (int i = 1; i < 4; i++)
        {
            float[] first = cluster.Model(0).Values().ToArray(), other = cluster.Model(i).Values().ToArray();
            for (int c = 0; c < first.Length; c++)
                Assert.Equal(first[c], other[c], 1e-3f);
        }
    }

    /// <summary>The publisher is rounds ahead of who fetches: what comes goes where the round says that it was published in.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(TransportChoice.Tcp, PayloadCodec.Native, 1024)]
    [InlineData(TransportChoice.Tcp, PayloadCodec.BFloat16, 512)]
    [InlineData(TransportChoice.Tcp, PayloadCodec.Int8, 264)]
    [InlineData(TransportChoice.SharedMemory, PayloadCodec.Native, 1024)]
    public async Task A_peer_in_another_round_sends_its_rounds_blocks(TransportChoice transport, PayloadCodec codec, int blockBytes)
    {
        Assert.SkipUnless(transport == TransportChoice.Tcp || OperatingSystem.IsLinux(), "Shared memory is Linux's.");
        const int blocks = 100, chosen = 20, seed = 3;
        DpwaOptions options = new() { Seed = seed, Timeout = TimeSpan.FromSeconds(20), Transport = transport, Codec = codec, Subset = 0.2, ConstantValue = 1 };
        await using Mesh mesh = Mesh.Published(2, i => Filled(blocks * Block, i), options);
        for (int more = 0; more < 5; more++)
            mesh.Nodes[1].UpdateSend(Filled(blocks * Block, 1), 1);

        // A round in which nothing could be published: what is served is still that of the sixth.
        mesh.Nodes[1].UpdateSend(Filled(blocks * Block, float.NaN), 1);
        for (int step = 0; step < 2; step++)
        {
            // At the first a link is opened; at the second all is warm.
            float[] mine = Filled(blocks * Block, 0);
            mesh.Nodes[0].UpdateSend(mine, 1);
            UpdateResult result = await Task.Run(() => mesh.Nodes[0].UpdateWait(mine, 1));
            Assert.True(result.Outcome == UpdateOutcome.Averaged, result.Reason);

            // A payload's length is a multiple of 64.
            Assert.InRange(result.Bytes, chosen * blockBytes, chosen * blockBytes + 63);
            var permutation = new KeyedPermutation(blocks, KeyedPermutation.Key(seed, 0x737562736574, 6));
            long[] expected = [.. Enumerable.Range(0, chosen).Select(i => permutation[i]).Order()];
            Assert.Equal(expected, Enumerable.Range(0, blocks).Where(b => mine.AsSpan(b * Block, Block).IndexOfAnyExcept(1f) < 0).Select(b => (long)b));
            Assert.Equal(chosen * Block, mine.Count(v => v != 0));
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData(0.02, 0, 1000, "subset 0.01 of model", "subset 0.02 of model")]
    [InlineData(0.01, 5, 1000, "seed 0, blocks of 256", "seed 5, blocks of 256")]
    [InlineData(1, 0, 1000, "subset 0.01 of model", "parameters float32[1000]")]
    [InlineData(0.01, 0, 999, "subset 0.01 of model", "subset 0.01 of model")]
    public async Task Nodes_that_would_not_mean_the_same_refuse_each_other_and_say_what_differs(double fraction, int seed, int length, string mine, string theirs)
    {
        DpwaOptions options = new() { Timeout = TimeSpan.FromSeconds(20), Transport = TransportChoice.Tcp, Subset = 0.01 };
        await using var node = new DpwaConnection("w1", options with { Nodes = [new("w1", "127.0.0.1", 0)] });
        await using var other = new DpwaConnection("w2", options with { Nodes = [new("w2", "127.0.0.1", 0)], Subset = fraction, Seed = seed });
        other.UpdateSend(Filled(length, 1), 1);
        node.AddPeer(new("w2", "127.0.0.1", Pair.PortOf(other.ListenEndPoint)));
        float[] values = Filled(1000, 0);
        node.UpdateSend(values, 1);
        UpdateResult result = await Task.Run(() => node.UpdateWait(values, 1));
        Assert.Equal(UpdateOutcome.Rejected, result.Outcome);
        Assert.Matches($"runs another model: tensor 0 is .*{System.Text.RegularExpressions.Regex.Escape(mine)}.* here and .*{System.Text.RegularExpressions.Regex.Escape(theirs)}.* there", result.Reason);
        Assert.All(values, v => Assert.Equal(0, v));
    }

    private static DpwaOptions Virtual(int nodes) => new() { Nodes = [.. Enumerable.Range(0, nodes).Select(i => new DpwaNode($"w{i + 1}", "virtual", 45_000 + i))] };

    private static float[] Filled(int length, float value) => [.. Enumerable.Repeat(value, length)];
}
