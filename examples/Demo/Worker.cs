using Dpwa.Examples.LocalCluster;
using Dpwa.Examples.Vision.Data;
using Dpwa.Examples.Vision.Models;
using Dpwa.Examples.Vision.Training;
using Dpwa.TorchSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.Examples.Demo;

/// <summary>One worker, in a process of its own. All that is distributed about it is marked with ★.</summary>
internal static class Worker
{
    private const int BatchSize = 32;
    private const double LearningRate = 0.02;
    private const int ReportEvery = 10;
    private const int TestEvery = 50;

    public static int Run(DemoOptions options)
    {
        string name = options.Worker!;
        set_num_threads(1);
        DataSet data = SyntheticImages.DataSet(train: 6_000, test: 1_000);
        IReadOnlyList<int> classes = Shares.Of(name);
        var batches = new ImageBatches(data.Train, BatchSize)
        {
            Indices = [.. Enumerable.Range(0, data.Train.Count).Where(i => classes.Contains(data.Train.Labels[i]))],
            Seed = (ulong)classes[0],
        };
        var quickTest = new ImageBatches(data.Test.Take(200), 200);

        // The same seed everywhere: all start from one model.
        using var net = ModelCatalog.Create("lenet", data.Shape, SyntheticImages.Classes, seed: 1);
        using optim.Optimizer optimizer = optim.SGD(net.parameters(), LearningRate, momentum: 0.9);

        // Small steps at the end: what each worker still forgets of the others' classes between two exchanges shrinks with them.
        var decay = optim.lr_scheduler.LinearLR(optimizer, start_factor: 1, end_factor: 0.02, total_iters: options.Steps);
        using DpwaTorchAdapter? dpwa = options.Config is null ? null : new DpwaTorchAdapter(net, name, options.Config); // ★

        var progress = new Progress { Worker = name, Steps = options.Steps };
        double loss = Math.Log(SyntheticImages.Classes);
        foreach (ImageBatch batch in Endless(batches).Take(options.Steps))
        {
            dpwa?.UpdateSend(loss); // ★
            loss = Train(net, optimizer, batch);
            UpdateResult? mixed = dpwa?.UpdateWait(loss); // ★
            decay.step();

            progress = progress.After(loss, mixed, dpwa?.Clock ?? 0);

            // Read right after a mix, like every accuracy here.
            if (progress.Step % TestEvery == 0)
                progress = progress with { Accuracy = Evaluation.Accuracy(net, quickTest) };
            if (progress.Step % ReportEvery == 0)
                progress.Write();
        }

        double[] byClass = AccuracyByClass(net, data.Test);
        (progress with { Finished = true, Accuracy = byClass.Average(), ByClass = byClass }).Write();

        // Others may still train: what this worker has learnt stays there for them until the demo ends it.
        if (dpwa is not null)
            WaitForEnd();
        return 0;
    }

    private static double Train(nn.Module<Tensor, Tensor> net, optim.Optimizer optimizer, ImageBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        optimizer.zero_grad();
        Tensor loss = nn.functional.cross_entropy(net.forward(batch.Images), batch.Labels);
        loss.backward();
        optimizer.step();
        return loss.ToDouble();
    }

    private static IEnumerable<ImageBatch> Endless(ImageBatches batches) => Enumerable.Range(0, int.MaxValue).SelectMany(batches.Shuffled);

    private static double[] AccuracyByClass(nn.Module<Tensor, Tensor> net, ImageSet test) =>
        [.. Enumerable.Range(0, SyntheticImages.Classes).Select(c => Evaluation.Accuracy(net, new ImageBatches(test, 200)
        {
            Indices = [.. Enumerable.Range(0, test.Count).Where(i => test.Labels[i] == c)],
        }))];

    private static void WaitForEnd()
    {
        using var interruption = new Interruption();
        interruption.Token.WaitHandle.WaitOne();
    }
}
