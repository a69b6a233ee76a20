using System.Net;
using System.Net.Sockets;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests;

/// <summary>Two workers of one process over the loopback interface. One asks and the other only answers, so what happens is determined.</summary>
public sealed class AdapterTests
{
    private static readonly DpwaOptions Asking = new()
    {
        Nodes = [new("asking", "127.0.0.1", 0), new("answering", "127.0.0.1", 0)],
    };

    private static readonly DpwaOptions Answering = Asking with { FetchProbability = 0 };

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Parameters_and_statistics_become_the_exact_mean(ScalarType type)
    {
        using var mine = Nets.Convolutional().to(type).Filled(1);
        using var theirs = Nets.Convolutional().to(type).Filled(4);
        using var asking = new DpwaTorchAdapter(mine, "asking", Asking);
        using var answering = new DpwaTorchAdapter(theirs, "answering", Answering);
        Introduce(asking, answering);

        answering.UpdateSend(0.5);
        asking.UpdateSend(0.25);
        UpdateResult result = asking.UpdateWait(0.25);

        Assert.Equal((UpdateOutcome.Averaged, "answering", 0.5, 0.5), (result.Outcome, result.Peer, result.Factor, result.PeerLoss));
        Assert.All(mine.Floating(), t => Assert.True(t.to(ScalarType.Float32).eq(2.5f).all().item<bool>()));
        Assert.All(theirs.Floating(), t => Assert.True(t.to(ScalarType.Float32).eq(4f).all().item<bool>()));
        Assert.Equal(1, asking.Clock);
        Assert.Equal(UpdateOutcome.NotFetching, answering.UpdateWait(0.5).Outcome);
    }

    [Fact]
    public async Task Waiting_asynchronously_mixes_the_same()
    {
        using var mine = Nets.Convolutional().Filled(0);
        using var theirs = Nets.Convolutional().Filled(2);
        await using var asking = new DpwaTorchAdapter(mine, "asking", Asking with { ConstantValue = 0.25 });
        await using var answering = new DpwaTorchAdapter(theirs, "answering", Answering);
        Introduce(asking, answering);

        answering.UpdateSend(1);
        asking.UpdateSend(1);
        UpdateResult result = await asking.UpdateWaitAsync(1, TestContext.Current.CancellationToken);

        Assert.Equal(UpdateOutcome.Averaged, result.Outcome);
        Assert.All(mine.Floating(), t => Assert.True(t.eq(0.5f).all().item<bool>()));
    }

    [Fact]
    public void A_step_in_one_call_is_the_two_calls_around_the_batch()
    {
        using var mine = Nets.Convolutional().Filled(1);
        using var theirs = Nets.Convolutional().Filled(4);
        using var asking = new DpwaTorchAdapter(mine, "asking", Asking);
        using var answering = new DpwaTorchAdapter(theirs, "answering", Answering);
        Introduce(asking, answering);
        var told = new List<UpdateResult>();
        asking.Exchanged += (_, result) => told.Add(result);

        Assert.Equal(UpdateOutcome.NotFetching, answering.Step(() => 0.5).Outcome);
        double clockInBatch = 0;
        UpdateResult result = asking.Step(() =>
        {
            clockInBatch = asking.Clock;
            Assert.All(mine.Floating(), t => Assert.True(t.eq(1f).all().item<bool>()));
            return 0.25;
        });

        Assert.Equal((UpdateOutcome.Averaged, 0.0), (result.Outcome, result.PeerLoss));
        Assert.All(mine.Floating(), t => Assert.True(t.eq(2.5f).all().item<bool>()));
        Assert.Equal(1, clockInBatch);
        Assert.Equal([result], told);

        // The loss of a step travels with what the next publishes.
        answering.Step(() => 0.125);
        Assert.Equal(0.5, asking.Step(() => 0.25).PeerLoss);
    }

    [Fact]
    public void A_batch_that_throws_mixes_nothing_and_the_next_step_finds_the_fetch()
    {
        using var mine = Nets.Convolutional().Filled(1);
        using var theirs = Nets.Convolutional().Filled(4);
        using var asking = new DpwaTorchAdapter(mine, "asking", Asking);
        using var answering = new DpwaTorchAdapter(theirs, "answering", Answering);
        Introduce(asking, answering);
        answering.UpdateSend(1);

        Assert.Throws<InvalidDataException>(() => asking.Step(() => throw new InvalidDataException()));
        Assert.All(mine.Floating(), t => Assert.True(t.eq(1f).all().item<bool>()));
        Assert.Equal(UpdateOutcome.Averaged, asking.Step(() => 1).Outcome);
    }

    /// <summary>Somebody whom the system lets in, and who never answers: with <c>late_fetch: skip</c> no step waits for him.</summary>
    [Fact]
    public void A_late_fetch_is_skipped_and_the_model_stays_as_it_is_until_one_comes()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var mine = Nets.Convolutional().Filled(1);
        using var theirs = Nets.Convolutional().Filled(4);
        using var asking = new DpwaTorchAdapter(mine, "asking", Asking with { LateFetch = LateFetch.Skip, Timeout = TimeSpan.FromMinutes(10) });
        using var answering = new DpwaTorchAdapter(theirs, "answering", Answering);
        asking.Connection.AddPeer(new("answering", "127.0.0.1", ((IPEndPoint)silent.LocalEndpoint).Port));
        for (int step = 0; step < 3; step++)
        {
            asking.UpdateSend(1);
            Assert.Equal(UpdateOutcome.Late, asking.UpdateWait(1).Outcome);
            Assert.All(mine.Floating(), t => Assert.True(t.eq(1f).all().item<bool>()));
        }

        Introduce(asking, answering);
        Assert.Equal(UpdateOutcome.NoPeer, asking.UpdateWait(1).Outcome);
        answering.UpdateSend(1);
        UpdateResult result;
        do
        {
            asking.UpdateSend(1);
            result = asking.UpdateWait(1);
        }
        while (result.Outcome == UpdateOutcome.Late);
        Assert.Equal((UpdateOutcome.Averaged, "answering"), (result.Outcome, result.Peer));
        Assert.All(mine.Floating(), t => Assert.True(t.eq(2.5f).all().item<bool>()));
    }

    [Fact]
    public void Counters_stay_each_workers_own()
    {
        using var mine = nn.BatchNorm1d(2);
        using var theirs = nn.BatchNorm1d(2);
        using Tensor batch = ones(4, 2);
        mine.forward(batch).Dispose();
        using var asking = new DpwaTorchAdapter(mine, "asking", Asking);
        using var answering = new DpwaTorchAdapter(theirs, "answering", Answering);
        Introduce(asking, answering);

        answering.UpdateSend(1);
        asking.UpdateSend(1);
        Assert.Equal(UpdateOutcome.Averaged, asking.UpdateWait(1).Outcome);
        Assert.Equal(1, mine.num_batches_tracked!.item<long>());
        Assert.Equal(0, theirs.num_batches_tracked!.item<long>());

        // Mean 0.1 after one batch of ones, 0 before any.
        Assert.Equal([0.05f, 0.05f], mine.running_mean!.data<float>().ToArray());
    }

    [Fact]
    public void A_peer_with_another_model_is_rejected_by_the_first_tensor_that_differs_and_nothing_changes()
    {
        using var mine = Nets.Convolutional().Filled(1);
        using var theirs = nn.Sequential(("conv", nn.Conv2d(3, 4, 3)), ("bn", nn.BatchNorm2d(4)), ("flat", nn.Flatten()), ("fc", nn.Linear(16, 10)));
        using var asking = new DpwaTorchAdapter(mine, "asking", Asking);
        using var answering = new DpwaTorchAdapter(theirs, "answering", Answering);
        Introduce(asking, answering);

        answering.UpdateSend(1);
        asking.UpdateSend(1);
        UpdateResult result = asking.UpdateWait(1);

        Assert.Equal(UpdateOutcome.Rejected, result.Outcome);
        Assert.Contains("fc.weight float32[2,16]", result.Reason, StringComparison.Ordinal);
        Assert.Contains("fc.weight float32[10,16]", result.Reason, StringComparison.Ordinal);
        Assert.All(mine.Floating(), t => Assert.True(t.eq(1f).all().item<bool>()));
    }

    [Fact]
    public void Models_in_other_memory_orders_are_the_same_model()
    {
        using Tensor values = arange(24, dtype: ScalarType.Float32).view(1, 2, 3, 4);
        using var mine = new Bag(("w", new Parameter(values.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2))));
        using var theirs = new Bag(("w", new Parameter(values + 2)));
        using var asking = new DpwaTorchAdapter(mine, "asking", Asking);
        using var answering = new DpwaTorchAdapter(theirs, "answering", Answering);
        Introduce(asking, answering);

        answering.UpdateSend(1);
        asking.UpdateSend(1);
        Assert.Equal(UpdateOutcome.Averaged, asking.UpdateWait(1).Outcome);
        Assert.True(mine.parameters().First().eq(values + 1).all().item<bool>());
    }

    [Fact]
    public void Excluded_tensors_stay_apart()
    {
        var torchOptions = new DpwaTorchOptions { Exclude = ["fc.*"] };
        using var mine = Nets.Convolutional().Filled(0);
        using var theirs = Nets.Convolutional().Filled(2);
        using var asking = new DpwaTorchAdapter(mine, "asking", Asking, torchOptions);
        using var answering = new DpwaTorchAdapter(theirs, "answering", Answering, torchOptions);
        Introduce(asking, answering);

        answering.UpdateSend(1);
        asking.UpdateSend(1);
        Assert.Equal(UpdateOutcome.Averaged, asking.UpdateWait(1).Outcome);
        foreach ((string name, Parameter parameter) in mine.named_parameters())
            Assert.Equal(name.StartsWith("fc.", StringComparison.Ordinal) ? 0f : 1f, parameter.flatten()[0].item<float>());
    }

    [Fact]
    public void A_model_that_changes_its_type_under_way_is_refused_and_the_worker_lives()
    {
        using var mine = Nets.Convolutional();
        using var asking = new DpwaTorchAdapter(mine, "asking", Asking);
        mine.half();
        Assert.Throws<InvalidOperationException>(() => asking.UpdateSend(1));
        mine.to(ScalarType.Float32);
        asking.UpdateSend(1);
        Assert.NotEqual(UpdateOutcome.Averaged, asking.UpdateWait(1).Outcome);
    }

    [Fact]
    public void A_configuration_file_is_all_it_takes()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $"- nodes:\n  - {{name: w1, host: 127.0.0.1, port: {FreePort()}}}\n- interpolation: clock\n");
            using var net = nn.Linear(2, 2);
            using var dpwa = new DpwaTorchAdapter(net, name: "w1", configFile: file);
            dpwa.UpdateSend(1);
            Assert.Equal(UpdateOutcome.NoPeer, dpwa.UpdateWait(1).Outcome);
            Assert.Empty(dpwa.Peers);
            Assert.Equal(2, dpwa.Layout.Tensors.Length);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void An_unknown_name_is_refused_and_the_model_stays_usable()
    {
        using var net = nn.Linear(2, 2);
        Assert.Throws<DpwaConfigurationException>(() => new DpwaTorchAdapter(net, "nobody", Asking));
        net.forward(ones(1, 2)).Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Introduce(DpwaTorchAdapter asking, DpwaTorchAdapter answering) =>
        asking.Connection.AddPeer(new("answering", "127.0.0.1", ((IPEndPoint)answering.Connection.ListenEndPoint).Port));
}
