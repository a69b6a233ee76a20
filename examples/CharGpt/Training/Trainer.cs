using Dpwa.Data;
using Dpwa.Examples.CharGpt.Model;
using Dpwa.Examples.CharGpt.Text;
using Dpwa.Examples.Vision.Training;
using Dpwa.TorchSharp;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.Examples.CharGpt.Training;

/// <summary>Trains a model on one worker's piece of the text.</summary>
internal sealed class Trainer(Settings settings, Corpus corpus, DataShard shard)
{
    private const int LinesARun = 5;
    private const double Clip = 1;
    private const double WeightDecay = 0.1;

    /// <summary>Trains <paramref name="net"/>, as a worker of <paramref name="cluster"/> or, with null, alone, and validates it.</summary>
    public WorkerSummary Run(string name, Gpt net, DpwaOptions? cluster, Action<string> say, CancellationToken interrupted)
    {
        set_num_threads(1);
        var windows = new Windows(corpus.Of(shard), settings.Context, settings.BatchSize);
        using AdamW optimizer = Optimizer(net);
        optim.lr_scheduler.LRScheduler rate = optim.lr_scheduler.LambdaLR(optimizer, settings.RateFactor);

        // [dpwa 1 of 3] Join the cluster, or stay alone.
        using DpwaTorchAdapter? dpwa = cluster is null ? null : new DpwaTorchAdapter(net, name, cluster);

        // The loss that travels with the parameters is a moving average; before the first batch it is that of a net that guesses.
        var loss = new MovingAverage(initial: Math.Log(corpus.Tokenizer.Count));
        int failed = 0;
        for (int step = 0; step < settings.Steps; step++)
        {
            interrupted.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            WindowBatch batch = windows.Random(KeyedPermutation.Key(settings.Seed, shard.Worker, step));

            // [dpwa 2 of 3] Publish my parameters, and start fetching those of a peer in the background; at a local step neither.
            dpwa?.UpdateSend(loss.Value);

            optimizer.zero_grad();
            Tensor batchLoss = net.Loss(batch.Inputs, batch.Targets);
            batchLoss.backward();
            nn.utils.clip_grad_norm_(net.parameters(), Clip);
            optimizer.step();
            rate.step();
            loss.Add(batchLoss.ToDouble());

            // [dpwa 3 of 3] Wait for the peer's parameters, and mix them into mine.
            UpdateResult? exchange = dpwa?.UpdateWait(loss.Value);

            if (exchange is not null and not { Outcome: UpdateOutcome.Averaged or UpdateOutcome.NotFetching or UpdateOutcome.Late })
                failed++;
            if ((step + 1) % Math.Max(1, settings.Steps / LinesARun) == 0)
                say($"{name}: step {step + 1}/{settings.Steps}, loss {loss.Value:F3}");
        }

        // Leave at once: who does not train any more should not be averaged with.
        IReadOnlyList<PeerStatus> peers = dpwa?.Peers ?? [];
        dpwa?.Dispose();
        return new(
            name, settings.Steps, loss.Value, Evaluation.Loss(net, corpus.Validation), peers.Sum(p => p.Exchanges), failed,
            peers.Sum(p => p.BytesReceived));
    }

    /// <summary>As nanoGPT: matrices decay, biases and norms do not.</summary>
    private AdamW Optimizer(Gpt net) => optim.AdamW(
        [
            new AdamW.ParamGroup(net.parameters().Where(p => p.dim() >= 2), new AdamW.Options { weight_decay = WeightDecay }),
            new AdamW.ParamGroup(net.parameters().Where(p => p.dim() < 2), new AdamW.Options { weight_decay = 0 }),
        ],
        settings.LearningRate, beta1: 0.9, beta2: 0.99);
}
