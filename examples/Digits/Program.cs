// Handwritten digits on a small net of its own: what dpwa adds to a training loop that knows nothing of tensors, only of one vector of float32 numbers. What is
// distributed about it are the lines marked [dpwa 1 of 3] to [dpwa 3 of 3].
//
//   dotnet build -c Release examples/Digits
//   dpwa run --workers 4 -- dotnet examples/Digits/bin/Release/net10.0/Digits.dll                       four workers, each with a quarter of the images
//   dpwa run --workers 4 -- dotnet examples/Digits/bin/Release/net10.0/Digits.dll --non-iid             each with two or three of the ten digits only
//   dotnet run -c Release --project examples/Digits                                                     alone, with all images
//
// Exit codes: 0 trained; 1 failed; 2 a wrong option, configuration or file, or a port in use.
using Dpwa;
using Dpwa.Data;
using Dpwa.Examples.Digits;

return CommandLine.Run(args, settings =>
{
    (DigitSet train, DigitSet test) = DigitFiles.Load(settings.Data).Split();
    DpwaOptions? cluster = settings.ConfigFile is { } file ? DpwaOptions.Load(file) : null;
    string name = settings.Name ?? "alone";

    // The first deal of the cards is for good: a worker never sees the images of another.
    DataShard shard = cluster is null ? new(0, 1) : DataShard.Of(cluster, name);
    int[] mine = (settings.NonIid ? ShardedSampler.ByLabel(shard, train.Labels, settings.Seed) : ShardedSampler.ByIndex(shard, train.Count, settings.Seed)).Epoch(0);

    // All begin with the same net; what they draw differs.
    var net = new Perceptron(settings.Seed);
    var random = new Random(settings.Seed + shard.Worker);
    int[] batch = new int[settings.BatchSize];
    double loss = Math.Log(Perceptron.Classes);
    int averaged = 0, without = 0;

    // [dpwa 1 of 3] Join the cluster, or stay alone.
    using DpwaConnection? dpwa = cluster is null ? null : new DpwaConnection(name, cluster);

    for (int step = 0; step < settings.Steps; step++)
    {
        // [dpwa 2 of 3] Publish my parameters, and begin an exchange with a peer in the background.
        dpwa?.UpdateSend(net.Parameters, loss);

        for (int i = 0; i < batch.Length; i++)
            batch[i] = mine[random.Next(mine.Length)];
        double batchLoss = net.Step(train, batch, settings.RateAt(step));
        loss += 0.1 * (batchLoss - loss);
        Thread.Sleep(settings.Pause);
        dpwa?.AddSamples(batch.Length); // for 'dpwa top', which shows samples per second

        // [dpwa 3 of 3] Wait for the peer's parameters, and mix them into mine.
        UpdateResult? exchange = dpwa?.UpdateWait(net.Parameters, loss);

        if (exchange is { Outcome: UpdateOutcome.Averaged })
            averaged++;
        else if (exchange is not null and not { Outcome: UpdateOutcome.NotFetching or UpdateOutcome.Late })
            without++;
    }

    // Leave at once: who does not train any more should not be averaged with.
    IReadOnlyList<PeerStatus> peers = dpwa?.Peers ?? [];
    dpwa?.Dispose();
    if (settings.Save is { } path)
        File.WriteAllLines(path, net.ParametersAsText());
    return new WorkerResult(
        name, mine.Length, mine.Select(i => train.Labels[i]).Distinct().Count(), settings.Steps, loss, net.Accuracy(test), averaged, without,
        peers.Sum(p => p.Failures), peers.Sum(p => p.BytesReceived));
});
