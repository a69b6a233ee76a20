namespace Dpwa.TestWorker;

/// <summary>A worker that learns something: least squares on noisy samples of its own, whose best answer differs a little from worker to worker, so that losses fall, differ, and models stay a distance apart.</summary>
internal static class Learner
{
    private const int Length = 4096, Batch = 32;
    private const float Rate = 0.012f;

    /// <summary>Learns until it is asked to end.</summary>
    public static async Task RunAsync(string name, DpwaOptions options, TimeSpan pause)
    {
        using var stop = new StopRequest();
        var random = new Random(name.Sum(letter => letter));
        float[] own = [.. Enumerable.Range(0, Length).Select(k => MathF.Sin(k) + 0.15f * Normal(random))];
        float[] x = [.. Enumerable.Range(0, Length).Select(_ => Normal(random))];
        await using var node = new DpwaConnection(name, options);
        double loss = Loss(x, own, random);
        while (!stop.Token.IsCancellationRequested)
        {
            node.UpdateSend(x, loss);
            for (int k = 0; k < Length; k++)
                x[k] -= Rate * (x[k] - own[k] + 0.4f * Normal(random));
            await Task.Delay(pause * (0.8 + 0.4 * random.NextDouble()), stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            loss = Loss(x, own, random);
            node.AddSamples(Batch);
            node.UpdateWait(x, loss);
        }
    }

    // A batch's loss is a guess at that of all.
    private static double Loss(float[] x, float[] own, Random random) => x.Zip(own, (a, b) => (double)(a - b) * (a - b)).Average() * (1 + 0.08 * Normal(random)) + 0.02;

    private static float Normal(Random random) => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
