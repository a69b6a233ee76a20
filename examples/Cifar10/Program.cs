// A worker that trains an image classifier and averages with its peers: the example of the original dpwa, in C#.
//
//   dotnet run -c Release --project examples/Cifar10                                     one worker, alone
//   dpwa run -- dotnet examples/Cifar10/bin/Release/net10.0/Cifar10.dll --epochs 10      the workers of dpwa.yaml, one a core
//   dotnet run -c Release --project examples/Cifar10 -- --model preactresnet18 --data DIR --epochs 200     as the original's example
//
// What to expect, with LeNet and the other defaults (one thread; a step of 128 images takes about 25 ms):
//   alone, synthetic images               loss 1.8, 0.6, 0.3 after epochs 1, 2, 3; test accuracy 85 to 97 % from the second on
//   four workers, apply: delta            test accuracy 91 to 95 % on each after 10 epochs, each of them a quarter of the images a worker
//   alone, 10,000 images of CIFAR-10      loss 1.6 and test accuracy about 43 % after 5 epochs
//   alone, MNIST                          loss 0.33, then 0.10; test accuracy 98 %
//
// Exit codes: 0 trained; 1 failed; 2 a wrong option, configuration, data file or checkpoint, or a port in use; 130 stopped by Ctrl-C or 143 by SIGTERM,
// after the batch at hand and with the summary of what was trained.
using Dpwa;
using Dpwa.Data;
using Dpwa.Examples.Cifar10;
using Dpwa.Examples.Vision.Data;
using Dpwa.Examples.Vision.Models;
using Dpwa.Examples.Vision.Training;
using Dpwa.TorchSharp;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

return CommandLine.Run(args, Train);

static int Train(Settings settings, Display display)
{
    using var stop = new StopSignal();
    DpwaOptions? cluster = settings.LoadCluster(display.Loggers);
    DataSet data = settings.LoadData();
    Device device = settings.UseDevice();

    // Each worker trains on a part of its own.
    DataShard shard = cluster is null ? new DataShard(worker: 0, workers: 1) : DataShard.Of(cluster, settings.Name);
    ShardedSampler own = settings.Sampler(shard, data.Train);
    ImageBatches train = settings.TrainingBatches(data, shard, device);
    var test = new ImageBatches(data.Test, batchSize: 250) { Device = device };
    using Module<Tensor, Tensor> net = ModelCatalog.Create(settings.Model, data.Shape, data.ClassNames.Count, settings.Seed).to(device);
    using var optimizer = optim.SGD(net.parameters(), settings.LearningRate, momentum: 0.9, weight_decay: 5e-4);

    // [dpwa 1 of 3] Join the cluster. Without a configuration there is none, and this worker trains alone.
    using DpwaTorchAdapter? joined = cluster is null ? null : new DpwaTorchAdapter(net, settings.Name, cluster);

    // To go on bit for bit: the model, the optimizer, the worker's clock and round, and torch's random state, before the first exchange.
    CheckpointInfo? resumed = settings.Resume && File.Exists(settings.CheckpointFile)
        ? Checkpoint.Load(settings.CheckpointFile, settings.Model, data.Shape.ToString(), net, optimizer, joined)
        : null;
    if (settings.Resume && resumed is null)
        display.Say($"{settings.Name}: there is no {settings.CheckpointFile} yet, so this starts from the beginning");
    display.Say($"{settings.Name}: {settings.Model} on {data.Description}, {(joined is null ? "alone" : $"worker {shard.Worker + 1} of {shard.Workers}")}, "
        + $"{own.Count:N0} of {data.Train.Count:N0} images an epoch");

    // The loss that travels with the parameters is a moving average; before the first batch it is that of a net that guesses.
    var loss = new MovingAverage(initial: resumed?.Loss ?? Math.Log(data.ClassNames.Count));
    var summary = new Summary(settings.Name, resumed);
    var steps = new StepTrace(settings);
    for (int epoch = summary.FirstEpoch; epoch <= settings.Epochs && !stop.Requested; epoch++)
    {
        net.train();
        EpochMeter meter = display.Epoch(epoch, settings.Epochs, train.Batches(own.Count), m =>
        {
            foreach (ImageBatch batch in train.Augmented(own.Epoch(epoch), epoch))
            {
                using DisposeScope scope = NewDisposeScope();
                DpwaTorchAdapter? dpwa = steps.Begin(joined);

                // [dpwa 2 of 3] Publish my parameters, and start fetching those of a random peer in the background.
                dpwa?.UpdateSend(loss.Value);
                steps.Sent();

                optimizer.zero_grad();
                Tensor batchLoss = functional.cross_entropy(net.forward(batch.Images), batch.Labels);
                batchLoss.backward();
                optimizer.step();
                loss.Add(batchLoss.item<float>());

                // [dpwa 3 of 3] Wait for the peer's parameters, and mix them into mine.
                UpdateResult? exchange = dpwa?.UpdateWait(loss.Value);

                steps.End(exchange, batch.Count, net);
                m.Batch(loss.Last, exchange);
                if (stop.Requested)
                    break;
            }
        });

        steps.Pause();
        summary.Count(meter);
        if (stop.Requested)
            break;
        double seconds = meter.Seconds, accuracy = Evaluation.Accuracy(net, test);
        var result = new EpochResult(epoch, meter.Loss, accuracy, seconds);
        display.Say($"{settings.Name}: {result}");
        if (summary.Add(result))
            Checkpoint.Save(settings.CheckpointFile, new(settings.Model, data.Shape.ToString(), epoch, accuracy, loss.Value), net, optimizer, joined);
    }

    // Leave at once: who does not train any more should not be averaged with.
    summary.Clock = joined?.Clock ?? 0;
    joined?.Dispose();
    steps.Finish(net, () => Evaluation.Accuracy(net, test));
    display.Show(summary);
    return stop.ExitCode;
}
