using Dpwa.Data;
using Dpwa.Examples.Vision;
using Dpwa.Examples.Vision.Data;
using Dpwa.Examples.Vision.Models;
using Dpwa.Examples.Vision.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.TorchSharp.Tests.Vision;

[Collection(nameof(VisionCollection))]
public sealed class TrainingTests : IDisposable
{
    private const string Shape = "3×32×32";
    private static readonly DataSet Data = SyntheticImages.DataSet(train: 3_000, test: 500);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void LeNet_learns_synthetic_images_far_beyond_chance()
    {
        using Module<Tensor, Tensor> net = Net();
        using SGD optimizer = Optimizer(net);
        var test = new ImageBatches(Data.Test, 250);
        Assert.InRange(Evaluation.Accuracy(net, test), 0, 0.25);

        Train(net, optimizer, Data.Train, epochs: 0..3);
        Assert.InRange(Evaluation.Accuracy(net, test), 0.35, 1);
        Assert.True(net.training);
    }

    [Fact]
    public void A_resumed_training_ends_where_the_uninterrupted_one_does()
    {
        ImageSet images = Data.Train.Take(320);
        using Module<Tensor, Tensor> whole = Net();
        using SGD optimizer = Optimizer(whole);
        Train(whole, optimizer, images, epochs: 0..1);
        Checkpoint.Save(File, new("lenet", Shape, 1, 0.5, 2.25), whole, optimizer);
        Train(whole, optimizer, images, epochs: 1..2);

        using Module<Tensor, Tensor> resumed = ModelCatalog.Create("lenet", Data.Shape, 10, seed: 99);
        using SGD fresh = Optimizer(resumed);
        CheckpointInfo info = Checkpoint.Load(File, "lenet", Shape, resumed, fresh);
        Assert.Equal(new("lenet", Shape, 1, 0.5, 2.25), info);
        Train(resumed, fresh, images, epochs: info.Epoch..2);
        Assert.Equal(Flat(whole), Flat(resumed));
    }

    [Fact]
    public void A_checkpoint_replaces_the_one_before_and_leaves_nothing_else()
    {
        using Module<Tensor, Tensor> net = Net();
        using SGD optimizer = Optimizer(net);
        for (int epoch = 1; epoch <= 2; epoch++)
            Checkpoint.Save(File, new("lenet", Shape, epoch, 0, 0), net, optimizer);
        Assert.Equal([File], Directory.GetFiles(_directory.Path));
        Assert.Equal(2, Checkpoint.Load(File, "lenet", Shape, net, optimizer).Epoch);
    }

    [Theory]
    [InlineData("vgg16", Shape)]
    [InlineData("lenet", "1×28×28")]
    public void A_checkpoint_of_another_model_is_refused(string model, string images)
    {
        using Module<Tensor, Tensor> net = Net();
        using SGD optimizer = Optimizer(net);
        Checkpoint.Save(File, new(model, images, 1, 0, 0), net, optimizer);
        AssertRefused<VisionException>(net, optimizer, model, images, "lenet", Shape);
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_and_changes_nothing()
    {
        using Module<Tensor, Tensor> net = Net();
        using SGD optimizer = Optimizer(net);
        Checkpoint.Save(File, new("lenet", Shape, 1, 0, 0), net, optimizer);
        byte[] content = System.IO.File.ReadAllBytes(File);
        float[] before = Flat(net);

        content[content.Length / 2] ^= 1;
        _directory.Write("w1.best", content);
        AssertRefused<DpwaCheckpointException>(net, optimizer, "damaged");
        _directory.Write("w1.best", content.AsSpan(0, 20));
        AssertRefused<DpwaCheckpointException>(net, optimizer, "cut short");
        _directory.Write("w1.best", "something else"u8);
        AssertRefused<DpwaCheckpointException>(net, optimizer, "no safetensors file");
        System.IO.File.Delete(File);
        AssertRefused<DpwaCheckpointException>(net, optimizer, "no checkpoint");
        TorchCheckpoint.Save(File, net, optimizer);
        AssertRefused<VisionException>(net, optimizer, "not a checkpoint of this program");
        Assert.Equal(before, Flat(net));
    }

    [Fact]
    public void The_moving_average_is_of_the_last_losses()
    {
        var loss = new MovingAverage(initial: 5, window: 2);
        Assert.Equal(5, loss.Value);
        Assert.Equal(1, loss.Add(1));
        Assert.Equal(2, loss.Add(3));
        Assert.Equal(4, loss.Add(5));
        Assert.Equal(5, loss.Last);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_loss_that_is_not_finite_ends_the_training(double loss) =>
        Assert.Throws<ArithmeticException>(() => new MovingAverage(initial: 1).Add(loss));

    private string File => _directory.File("w1.best");

    private void AssertRefused<TError>(Module<Tensor, Tensor> net, SGD optimizer, params string[] words)
        where TError : Exception
    {
        var error = Assert.Throws<TError>(() => Checkpoint.Load(File, "lenet", Shape, net, optimizer));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }

    private static Module<Tensor, Tensor> Net() => ModelCatalog.Create("lenet", Data.Shape, 10, seed: 1);

    private static SGD Optimizer(Module<Tensor, Tensor> net) => optim.SGD(net.parameters(), 0.02, momentum: 0.9, weight_decay: 5e-4);

    private static float[] Flat(Module net) => [.. net.parameters().SelectMany(p => p.data<float>().ToArray())];

    private static void Train(Module<Tensor, Tensor> net, SGD optimizer, ImageSet images, Range epochs)
    {
        var batches = new ImageBatches(images, 64) { Augmentation = Data.Augmentation, Seed = 1 };
        ShardedSampler sampler = ShardedSampler.ByIndex(new DataShard(0, 1), images.Count);
        for (int epoch = epochs.Start.Value; epoch < epochs.End.Value; epoch++)
        {
            foreach (ImageBatch batch in batches.Augmented(sampler.Epoch(epoch), epoch))
            {
                using DisposeScope scope = NewDisposeScope();
                optimizer.zero_grad();
                functional.cross_entropy(net.forward(batch.Images), batch.Labels).backward();
                optimizer.step();
            }
        }
    }
}
