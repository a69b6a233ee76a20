using System.Reflection;
using Dpwa.TorchSharp.Tests.Vision;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests.Checkpoints;

/// <summary>N + M steps at once, and N, a checkpoint, everything new, and M: the same to the last bit. Alone, since torch has one random generator for the whole process.</summary>
[Collection(nameof(RandomStateTests))]
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Optimizers => [.. Made.Keys];

    private static Dictionary<string, Func<IEnumerable<Parameter>, OptimizerHelper>> Made { get; } = new()
    {
        ["SGD"] = p => optim.SGD(p, 0.05),
        ["SGD with momentum"] = p => optim.SGD(p, 0.05, momentum: 0.9, weight_decay: 1e-3),
        ["Adam"] = p => optim.Adam(p, 0.01),
        ["Adam, amsgrad"] = p => optim.Adam(p, 0.01, amsgrad: true),
        ["AdamW"] = p => optim.AdamW(p, 0.01),
        ["Adamax"] = p => optim.Adamax(p, 0.01),
        ["NAdam"] = p => optim.NAdam(p, 0.01),
        ["RAdam"] = p => optim.RAdam(p, 0.01),
        ["Adagrad"] = p => optim.Adagrad(p, 0.01),
        ["Adadelta"] = p => optim.Adadelta(p),
        ["ASGD"] = p => optim.ASGD(p),
        ["Rprop"] = p => optim.Rprop(p, 0.01),
        ["RMSProp"] = p => optim.RMSProp(p, 0.01, momentum: 0.9, centered: true),
    };

    private string File => _directory.File("w1.safetensors");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_resumed_run_without_peers_is_the_uninterrupted_one_bit_for_bit(string optimizer)
    {
        const int before = 4, after = 5;
        byte[] whole, rest;
        using (var run = new Run(optimizer, seed: 1))
        {
            run.Train(before + after);
            whole = run.Bits();
        }

        using (var run = new Run(optimizer, seed: 1))
        {
            run.Train(before);
            TorchCheckpoint.Save(File, run.Net, run.Optimizer, run.Worker, new Dictionary<string, string> { ["step"] = $"{before}" });
        }

        using (var run = new Run(optimizer, seed: 2))
        {
            // Something else has been drawn meanwhile, and the new objects have other values.
            rand(17).Dispose();
            Assert.NotEqual(whole, run.Bits());
            Assert.Equal($"{before}", TorchCheckpoint.Load(File, run.Net, run.Optimizer, run.Worker)["step"]);
            Assert.Equal(before, run.Worker.Clock);
            run.Train(after);
            rest = run.Bits();
        }

        Assert.Equal(whole, rest);
    }

    [Fact]
    public void Without_the_random_state_the_test_would_fail()
    {
        using var run = new Run("Adam", seed: 1);
        run.Train(1);
        TorchCheckpoint.Save(File, run.Net, run.Optimizer);
        run.Train(1);
        byte[] a = run.ModelBits();
        TorchCheckpoint.Load(File, run.Net, run.Optimizer);
        run.Train(1);
        Assert.Equal(a, run.ModelBits());
        TorchCheckpoint.Load(File, run.Net, run.Optimizer);
        _ = random.manual_seed(77);
        run.Train(1);
        Assert.NotEqual(a, run.ModelBits());
    }

    /// <summary>A net with dropout, batch normalisation and its counter, an optimizer, and a worker without peers.</summary>
    private sealed class Run : IDisposable
    {
        private readonly Sequential _net;

        public Run(string optimizer, int seed)
        {
            _ = random.manual_seed(seed);
            Net = _net = nn.Sequential(("conv", nn.Conv2d(3, 4, 3)), ("bn", nn.BatchNorm2d(4)), ("drop", nn.Dropout(0.5)), ("flat", nn.Flatten()), ("fc", nn.Linear(16, 2)));
            Optimizer = Made[optimizer](Net.parameters());
            Worker = new DpwaTorchAdapter(Net, "w1", new DpwaOptions { Nodes = [new("w1", "127.0.0.1", 0)] });
        }

        public nn.Module Net { get; }

        public OptimizerHelper Optimizer { get; }

        public DpwaTorchAdapter Worker { get; }

        public void Train(int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                Worker.UpdateSend(1);
                Optimizer.zero_grad();
                Tensor loss = _net.forward(randn(8, 3, 4, 4)).square().mean();
                loss.backward();
                Optimizer.step();
                Worker.UpdateWait(loss.item<float>());
            }
        }

        public byte[] ModelBits() => [.. Net.state_dict().Values.SelectMany(t => t.bytes.ToArray())];

        /// <summary>Everything that training changes.</summary>
        public byte[] Bits()
        {
            using var bits = new MemoryStream();
            bits.Write(ModelBits());
            foreach (OptimizerState state in Optimizer.state_dict().State)
            {
                foreach (FieldInfo field in state.GetType().GetFields())
                {
                    object? value = field.GetValue(state);
                    bits.Write(value switch
                    {
                        Tensor tensor => tensor.bytes,
                        long whole => BitConverter.GetBytes(whole),
                        double real => BitConverter.GetBytes(real),
                        null => [255],
                        _ => throw new InvalidOperationException($"{field}"),
                    });
                }
            }

            using Tensor random = torch.random.get_rng_state();
            bits.Write(random.bytes);
            WorkerState node = Worker.Connection.ExportState();
            bits.Write(BitConverter.GetBytes(node.Clock));
            bits.Write(BitConverter.GetBytes(node.Round));
            bits.Write(BitConverter.GetBytes(node.Weight));
            return bits.ToArray();
        }

        public void Dispose()
        {
            Worker.Dispose();
            Optimizer.Dispose();
            Net.Dispose();
        }
    }
}
