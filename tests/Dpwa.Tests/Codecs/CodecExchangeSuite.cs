using Dpwa.Codecs;
using Dpwa.Protocol;
using Dpwa.Tests.Exchange;
using Dpwa.Transport.InMemory;
using Dpwa.Transport.Tcp;

namespace Dpwa.Tests.Codecs;

/// <summary>What a worker can count on with each codec, whatever carries the messages.</summary>
public abstract class CodecExchangeSuite
{
    private const int Limit = 60_000;

    public static TheoryData<PayloadCodec> All => [.. Enum.GetValues<PayloadCodec>()];

    protected abstract ITestCluster Cluster(int nodes, DpwaOptions options, int length);

    private static DpwaOptions Options(PayloadCodec codec, ApplyForm form = ApplyForm.Parameters) =>
        new() { Timeout = TimeSpan.FromSeconds(20), Seed = 1, Codec = codec, Apply = form };

    [Theory(Timeout = Limit)]
    [MemberData(nameof(All))]
    public async Task Two_nodes_average_and_the_one_that_is_asked_is_untouched(PayloadCodec codec)
    {
        // More than one piece, and a short block at the end.
        const int length = 300_001;
        await using ITestCluster cluster = Cluster(2, Options(codec), length);
        float[] mine = CodecValues.Parameters(length, 1), theirs = CodecValues.Parameters(length, 2);
        cluster.SetValues(0, mine);
        cluster.SetValues(1, theirs);
        cluster.Send(1);
        await cluster.Wait(1);
        cluster.Send(0);
        UpdateResult result = await cluster.Wait(0);

        Assert.True(result.Outcome == UpdateOutcome.Averaged, result.Reason);
        Assert.Equal(EncodedLayout.Of(ParameterLayout.Flat(length), codec).Length, result.Bytes);
        float[] decoded = CodecValues.Decode(codec, CodecValues.Expected(codec, theirs), length);
        Assert.Equal(mine.Zip(decoded, (x, y) => x * 0.5f + y * 0.5f), cluster.Values(0));
        Assert.Equal(theirs, cluster.Values(1));
        await cluster.NothingIsLeased();
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(All))]
    public async Task Equal_models_in_delta_form_stay_exactly_equal(PayloadCodec codec)
    {
        const int length = 1000;
        await using ITestCluster cluster = Cluster(2, Options(codec, ApplyForm.Delta), length);
        float[] values = CodecValues.Parameters(length);
        cluster.SetValues(0, values);
        cluster.SetValues(1, values);
        // A node that asks one that has published nothing yet leaves it alone for a while: both publish, and each has heard of the other, before the first average.
        cluster.Send(1);
        await cluster.Wait(1);
        cluster.Send(0);
        await cluster.Wait(0);
        for (int step = 0; step < 3; step++)
        {
            cluster.Send(0);
            cluster.Send(1);
            UpdateResult[] results = await Task.WhenAll(cluster.Wait(0), cluster.Wait(1));
            Assert.All(results, r => Assert.True(r.Outcome == UpdateOutcome.Averaged, r.Reason));
        }

        Assert.Equal(values, cluster.Values(0));
        Assert.Equal(values, cluster.Values(1));
    }

    public static TheoryData<PayloadCodec, ApplyForm> InBothForms =>
        [.. Enum.GetValues<PayloadCodec>().SelectMany(c => Enum.GetValues<ApplyForm>().Select(f => (c, f)))];

    [Theory(Timeout = Limit)]
    [MemberData(nameof(InBothForms))]
    public async Task Different_models_come_as_close_as_the_codec_is_fine(PayloadCodec codec, ApplyForm form)
    {
        const int length = 1000;
        await using ITestCluster cluster = Cluster(2, Options(codec, form), length);
        cluster.SetValues(0, CodecValues.Parameters(length, 1));
        cluster.SetValues(1, CodecValues.Parameters(length, 2));
        for (int round = 0; round < 30; round++)
        {
            for (int node = 0; node < 2; node++)
            {
                cluster.Send(node);
                await cluster.Wait(node);
            }
        }

        // The values are below 5 in magnitude.
        double step = codec switch { PayloadCodec.BFloat16 => 5.0 / 256, PayloadCodec.Float16 => 5.0 / 2048, PayloadCodec.Int8 => 5.0 / 127, _ => 1e-6 };
        foreach ((float mine, float theirs) in cluster.Values(0).Zip(cluster.Values(1)))
            Assert.InRange(Math.Abs(mine - theirs), 0, 2 * step);
    }
}

public class CodecExchangeOverTcpTests : CodecExchangeSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options with { Transport = TransportChoice.Tcp }, new TcpTransport(), "127.0.0.1", length);
}

public class CodecExchangeInMemoryTests : CodecExchangeSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) =>
        new RealCluster(nodes, options, new InMemoryTransport(), "anywhere", length);
}

public class CodecExchangeOnVirtualTimeTests : CodecExchangeSuite
{
    protected override ITestCluster Cluster(int nodes, DpwaOptions options, int length) => new SimulatedCluster(nodes, options, length);
}
