using Dpwa.Data;
using Dpwa.TorchSharp;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests.Docs;

/// <summary>The code of the documents, compiled. DocumentTests finds each block of theirs here.</summary>
internal static class Snippets
{
    private static double Train(Tensor batch) => batch.sum().item<float>();

    private static void Readme(nn.Module net, IEnumerable<Tensor> batches, double loss)
    {
        using var dpwa = new DpwaTorchAdapter(net, name: "w1", configFile: "dpwa.yaml");
        foreach (var batch in batches)
        {
            dpwa.UpdateSend(loss);      // publish my parameters, start fetching a random peer's
            loss = Train(batch);        // what you do today
            dpwa.UpdateWait(loss);      // mix in what came
        }
    }

    private static DpwaOptions Configuration(ILoggerFactory loggers)
    {
        DpwaOptions options = DpwaOptions.Load("dpwa.yaml") with { Seed = 1, LoggerFactory = loggers };
        return options;
    }

    private static void TorchSharpLoop(nn.Module net, IEnumerable<Tensor> batches, double loss)
    {
        using var dpwa = new DpwaTorchAdapter(net, name: "w1", configFile: "dpwa.yaml");
        foreach (var batch in batches)
        {
            dpwa.UpdateSend(loss);      // publish my parameters, start fetching a random peer's
            loss = Train(batch);        // forward, backward, optimizer.step()
            dpwa.UpdateWait(loss);      // mix in what came
        }
    }

    private static void TorchSharpOneCall(DpwaTorchAdapter dpwa, IEnumerable<Tensor> batches)
    {
        foreach (var batch in batches)
            dpwa.Step(() => Train(batch));
    }

    private static void TorchSharpCheckpoint(nn.Module net, int epochs, Action<int> TrainEpoch)
    {
        using var optimizer = optim.Adam(net.parameters());
        using var dpwa = new DpwaTorchAdapter(net, "w1", "dpwa.yaml");
        int first = 0;
        if (File.Exists("w1.safetensors"))
            first = int.Parse(TorchCheckpoint.Load("w1.safetensors", net, optimizer, dpwa)["epoch"]) + 1;
        for (int epoch = first; epoch < epochs; epoch++)
        {
            TrainEpoch(epoch);          // UpdateSend, the batch, UpdateWait
            TorchCheckpoint.Save("w1.safetensors", net, optimizer, dpwa, new Dictionary<string, string> { ["epoch"] = $"{epoch}" });
        }
    }

    private static async Task Checkpoint()
    {
        float[] x = new float[1_000];
        await using var node = new DpwaConnection("w1", DpwaOptions.Load("dpwa.yaml"));
        if (File.Exists("w1.safetensors"))
            DpwaCheckpoint.Load("w1.safetensors", node, x);         // before the first UpdateSend
        // ... train; then, between UpdateWait and the next UpdateSend:
        DpwaCheckpoint.Save("w1.safetensors", node, x);
    }

    private static void JoiningLate(DpwaConnection connection, float[] parameters)
    {
        BootstrapResult joined = connection.Bootstrap(parameters);   // or Bootstrap() with a parameter set
        Console.WriteLine(joined.HasModel ? $"from {joined.Peer}, clock {joined.Clock}" : joined.Reason);
    }

    private static void TorchSharpOptions(nn.Module net)
    {
        DpwaOptions options = DpwaOptions.Load("dpwa.yaml") with { Apply = ApplyForm.Delta };
        using var dpwa = new DpwaTorchAdapter(net, "w1", options, new DpwaTorchOptions { Exclude = ["head.*"] });
    }

    private static void TorchSharpData(DpwaOptions options, int[] labels, int epoch, Action<int> Use)
    {
        DataShard shard = DataShard.Of(options, "w1");
        ShardedSampler sampler = ShardedSampler.ByIndex(shard, samples: labels.Length, seed: 1);
        foreach (int index in sampler.Epoch(epoch))
            Use(index);
    }
}
