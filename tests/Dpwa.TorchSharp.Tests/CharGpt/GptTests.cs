using Dpwa.Data;
using Dpwa.Examples.CharGpt.Model;
using Dpwa.Examples.CharGpt.Text;
using Dpwa.Examples.CharGpt.Training;
using Dpwa.TorchSharp.Tests.Vision;
using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests.CharGpt;

[Collection(nameof(VisionCollection))]
public sealed class GptTests
{
    private static readonly GptShape Small = new(Vocabulary: 11, Context: 12, Layers: 2, Heads: 2, Embed: 16);

    [Fact]
    public void Scores_are_one_for_each_token_at_each_character()
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new Gpt(Small, seed: 1);
        Assert.Equal([3, 12, 11], net.forward(zeros(3, 12, dtype: int64)).shape);
        Assert.Equal([1, 5, 11], net.forward(zeros(1, 5, dtype: int64)).shape);
    }

    [Fact]
    public void The_parameters_are_those_of_a_gpt_with_a_tied_head()
    {
        using var net = new Gpt(Small, seed: 1);
        const int embed = 16, block = (3 + 1 + 4 + 4) * embed * embed + (3 + 1 + 4 + 1) * embed + 4 * embed;
        Assert.Equal((11 + 12) * embed + 2 * block + 2 * embed, net.parameters().Sum(p => p.numel()));
    }

    [Fact]
    public void The_first_guesses_are_even()
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new Gpt(Small, seed: 1);
        Tensor text = arange(11).unsqueeze(0);
        Assert.Equal(Math.Log(11), net.Loss(text, (text + 3) % 11).ToDouble(), 0.1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(11)]
    public void No_character_sees_a_later_one(int changed)
    {
        using DisposeScope scope = NewDisposeScope();
        using var net = new Gpt(Small, seed: 1);
        Tensor text = (arange(12) % 11).unsqueeze(0);
        Tensor other = text.clone();
        other[0, changed] = (other[0, changed] + 1) % 11;
        Tensor difference = (net.forward(text) - net.forward(other)).abs().amax([0, 2]);
        Assert.All(Enumerable.Range(0, changed), i => Assert.Equal(0, difference[i].ToDouble()));
        Assert.All(Enumerable.Range(changed, 12 - changed), i => Assert.NotEqual(0, difference[i].ToDouble()));
    }

    [Fact]
    public void The_same_seed_gives_the_same_net_and_another_seed_another()
    {
        float[][] weights = [.. new[] { 1, 1, 2 }.Select(Weights)];
        Assert.Equal(weights[0], weights[1]);
        Assert.NotEqual(weights[0], weights[2]);
    }

    [Fact]
    public void A_repetitive_text_is_learnt_in_a_few_steps()
    {
        var corpus = new Corpus(string.Concat(Enumerable.Repeat("abcdefgh", 60)), "eight letters");
        using var net = new Gpt(Small with { Vocabulary = corpus.Tokenizer.Count }, seed: 1);
        using var optimizer = optim.AdamW(net.parameters(), 1e-2);
        double before = Evaluation.Loss(net, corpus.Validation);
        Assert.InRange(before, 1.5, 2.5);

        var windows = new Windows(corpus.Of(new DataShard(0, 1)), 12, 8);
        for (ulong step = 0; step < 60; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            WindowBatch batch = windows.Random(step);
            optimizer.zero_grad();
            net.Loss(batch.Inputs, batch.Targets).backward();
            optimizer.step();
        }

        Assert.InRange(Evaluation.Loss(net, corpus.Validation), 0, 0.3);
        long[] start = corpus.Tokenizer.Encode("gh");
        Assert.Equal("abcdefghabcdefghabcd", corpus.Tokenizer.Decode(Sampler.Sample(net, start, 20, seed: 1, temperature: 0.2)));
    }

    [Fact]
    public void A_seed_fixes_the_sample_and_leaves_the_random_state_of_the_process_alone()
    {
        using var net = new Gpt(Small, seed: 1);
        manual_seed(7);
        float expected = rand(1).item<float>();
        manual_seed(7);
        long[][] samples = [.. new ulong[] { 1, 1, 2 }.Select(seed => Sampler.Sample(net, [3], 40, seed))];
        Assert.Equal(expected, rand(1).item<float>());
        Assert.Equal(samples[0], samples[1]);
        Assert.NotEqual(samples[0], samples[2]);
        Assert.All(samples, s => Assert.Equal(40, s.Length));
        Assert.All(samples[0], t => Assert.InRange(t, 0, 10));
    }

    [Fact]
    public void The_mean_of_models_is_that_of_each_parameter()
    {
        using var a = new Gpt(Small, seed: 1);
        using var b = new Gpt(Small, seed: 2);
        using var mean = new Gpt(Small, seed: 3);
        ModelMean.Store([a, b], mean);
        float[] expected = [.. Flat(a).Zip(Flat(b), (x, y) => (x + y) / 2)];
        Assert.All(expected.Zip(Flat(mean)), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void Training_leaves_no_tensor_behind()
    {
        using var net = new Gpt(Small, seed: 1);
        var windows = new Windows(new long[200], 12, 4);
        Evaluation.Loss(net, new long[100]);
        long before = Tensor.TotalCount;
        Evaluation.Loss(net, new long[100]);
        using (NewDisposeScope())
        {
            WindowBatch batch = windows.Random(1);
            using Tensor loss = net.Loss(batch.Inputs, batch.Targets);
            Sampler.Sample(net, [1], 20, seed: 1);
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    private static float[] Weights(int seed)
    {
        using var net = new Gpt(Small, seed);
        return Flat(net);
    }

    private static float[] Flat(Gpt net) => [.. net.parameters().SelectMany(p => p.data<float>().ToArray())];
}
