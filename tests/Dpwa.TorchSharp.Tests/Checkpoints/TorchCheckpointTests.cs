using System.Diagnostics;
using Dpwa.Checkpoints;
using Dpwa.TorchSharp.Tests.Vision;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests.Checkpoints;

/// <summary>What is in the file, how it is loaded, and what is refused. Alone, since loading sets torch's random state.</summary>
[Collection(nameof(RandomStateTests))]
public sealed class TorchCheckpointTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string File => _directory.File("w1.safetensors");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_tensors_have_the_names_of_the_state_and_their_own_types()
    {
        using Sequential net = Nets.Convolutional();
        using var optimizer = optim.Adam(net.parameters(), 0.25);
        TorchCheckpoint.Save(File, net, optimizer);

        using var file = new CheckpointReader(File);
        foreach ((string name, Tensor tensor) in net.state_dict())
            Assert.Equal(tensor.shape, file.Find(name)!.Shape.AsSpan().ToArray());
        Assert.Equal(StoredType.I64, file.Find("bn.num_batches_tracked")!.Type);
        Assert.Equal(StoredType.F32, file.Find("dpwa.optimizer.conv.weight.exp_avg")!.Type);
        Assert.Equal("Adam", file.Facts["dpwa.optimizer"]);
        Assert.Equal("0.25", file.Facts["dpwa.optimizer.group0.LearningRate"]);
        Assert.NotNull(file.Find("dpwa.random.cpu"));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Bool)]
    public void Every_type_comes_back_in_place_in_whatever_order_it_lies_in_memory(ScalarType type)
    {
        using Tensor values = arange(24).remainder(2).to(type).reshape(2, 3, 4);
        using var saved = new Bag(("plain", values.clone()), ("turned", values.clone().transpose(0, 2)), ("scalar", values[1, 2, 3].clone()), ("none", zeros([0, 3], type)));
        TorchCheckpoint.Save(File, saved);

        using var loaded = new Bag(("plain", zeros([2, 3, 4], type)), ("turned", zeros([3, 2, 4], type).permute(2, 0, 1)), ("scalar", zeros([], type)), ("none", zeros([0, 3], type)));
        Dictionary<string, Tensor> before = loaded.state_dict();
        nint[] handles = [.. before.Values.Select(t => t.Handle)];
        using Tensor turned = before["turned"].transpose(0, 2);
        Assert.False(before["turned"].is_contiguous());

        // A view of the memory sees what is loaded: nothing was bound anew.
        TorchCheckpoint.Load(File, loaded);
        Assert.Equal(handles, loaded.state_dict().Values.Select(t => t.Handle));
        Assert.True(turned.transpose(0, 2).eq(values.transpose(0, 2)).all().item<bool>());
        foreach ((string name, Tensor tensor) in saved.state_dict())
            Assert.True(tensor.eq(loaded.state_dict()[name]).all().item<bool>(), name);
    }

    [Fact]
    public void An_adapter_that_has_bound_the_model_exchanges_what_was_loaded()
    {
        using Sequential saved = Nets.Convolutional().Filled(3);
        TorchCheckpoint.Save(File, saved);
        using Sequential net = Nets.Convolutional().Filled(1);
        using var set = new ModuleParameterSet(net);
        set.Load();
        TorchCheckpoint.LoadModel(File, net);
        set.Load();
        Assert.All(Enumerable.Range(0, set.Layout.Tensors.Length), i => Assert.All(set.Floats(i).ToArray(), v => Assert.Equal(3, v)));
    }

    [Fact]
    public void What_does_not_fit_is_named_and_nothing_is_changed()
    {
        using Sequential saved = Nets.Convolutional().Filled(3);
        using var momentum = optim.SGD(saved.parameters(), 0.5, momentum: 0.9);
        Step(saved, momentum);
        TorchCheckpoint.Save(File, saved, momentum);

        using Sequential other = nn.Sequential(("conv", nn.Conv2d(3, 4, 5)), ("bn", nn.BatchNorm2d(4)), ("extra", nn.Linear(1, 1)));
        other.Filled(1);
        using var sgd = optim.SGD(other.parameters(), 0.125, momentum: 0.9);
        string refusal = Refusal(() => TorchCheckpoint.Load(File, other, sgd));
        foreach (string part in new[] { "'conv.weight' is F32[4,3,3,3] and should be F32[4,3,5,5]", "no tensor 'extra.weight'", "loaded from: fc.weight F32[2,16]", "parameters of group0 are others" })
            Assert.Contains(part, refusal, StringComparison.Ordinal);
        Assert.All(other.Floating(), t => Assert.True(t.eq(1).all().item<bool>()));
        Assert.Equal(0.125, sgd.ParamGroups.Single().LearningRate);

        using Sequential same = Nets.Convolutional().Filled(1);
        using var adam = optim.Adam(same.parameters());
        Assert.Contains("its optimizer is SGD and should be Adam", Refusal(() => TorchCheckpoint.Load(File, same, adam)), StringComparison.Ordinal);
        Assert.Contains("nothing here is loaded from: dpwa.optimizer.conv", Refusal(() => TorchCheckpoint.Load(File, same)), StringComparison.Ordinal);
        using var worker = new DpwaTorchAdapter(same, "w1", new DpwaOptions { Nodes = [new("w1", "127.0.0.1", 0)] });
        using var right = optim.SGD(same.parameters(), 1, momentum: 0.5);
        Assert.Contains("not saved with a worker's state", Refusal(() => TorchCheckpoint.Load(File, same, right, worker)), StringComparison.Ordinal);
        Assert.All(same.Floating(), t => Assert.True(t.eq(1).all().item<bool>()));
        TorchCheckpoint.Load(File, same, right);
        Assert.Equal((0.5, 0.9), (right.ParamGroups.Single().LearningRate, ((SGD.Options)right.state_dict().Options[0]).momentum));
    }

    [Fact]
    public void A_momentum_that_was_not_there_yet_goes()
    {
        using Sequential net = Nets.Convolutional();
        using var optimizer = optim.SGD(net.parameters(), 0.5, momentum: 0.9);
        TorchCheckpoint.Save(File, net, optimizer);
        Step(net, optimizer);
        Assert.All(optimizer.state_dict().State.Cast<SGD.State>(), s => Assert.NotNull(s.momentum_buffer));
        TorchCheckpoint.Load(File, net, optimizer);
        Assert.All(optimizer.state_dict().State.Cast<SGD.State>(), s => Assert.Null(s.momentum_buffer));
    }

    [Theory]
    [InlineData("dpwa.random.cpu", StoredType.U8, "its random state is none that torch takes")]
    [InlineData("dpwa.optimizer.fc.bias.momentum_buffer", StoredType.U16, "'dpwa.optimizer.fc.bias.momentum_buffer' is U16[2] and should be F32[2]")]
    [InlineData("dpwa.optimizer.fc.bias.momentum_buffer", StoredType.I64, "'dpwa.optimizer.fc.bias.momentum_buffer' is I64[2] and should be F32[2]")]
    public void What_torch_would_not_take_is_refused_before_anything_is_changed(string name, StoredType type, string why)
    {
        using Sequential saved = Nets.Convolutional().Filled(3);
        using var momentum = optim.SGD(saved.parameters(), 0.5, momentum: 0.9);
        Step(saved, momentum);
        TorchCheckpoint.Save(File, saved, momentum);
        string forged = _directory.File("forged");
        using (var file = new CheckpointReader(File))
        using (var writer = new CheckpointWriter(forged, file.Tensors.Select(t => t.Name == name ? t with { Type = type } : t), file.Facts))
        {
            foreach (StoredTensor tensor in writer.Tensors)
            {
                byte[] values = new byte[tensor.ByteLength];
                if (tensor.Name != name)
                    file.Read(tensor.Name, values);
                writer.Write(values);
            }

            writer.Commit();
        }

        System.IO.File.Move(forged, File, overwrite: true);
        using Sequential net = Nets.Convolutional().Filled(1);
        using var fresh = optim.SGD(net.parameters(), 0.125, momentum: 0.5);
        _ = random.manual_seed(5);
        using Tensor before = random.get_rng_state();
        Assert.Contains(why, Refusal(() => TorchCheckpoint.Load(File, net, fresh)), StringComparison.Ordinal);
        Assert.All(net.Floating(), t => Assert.True(t.eq(1).all().item<bool>()));
        Assert.Equal(0.125, fresh.ParamGroups.Single().LearningRate);
        using Tensor after = random.get_rng_state();
        Assert.Equal(before.bytes.ToArray(), after.bytes.ToArray());
    }

    [Fact]
    public void Names_of_the_library_and_types_that_are_not_stored_are_refused()
    {
        using var dpwa = new Bag(("x", zeros(1)));
        dpwa.register_module("dpwa", nn.Linear(1, 1));
        Assert.Contains("dpwa.weight", Assert.Throws<ArgumentException>(() => TorchCheckpoint.Save(File, dpwa)).Message, StringComparison.Ordinal);
        using var complex = new Bag(("z", zeros(1, ScalarType.ComplexFloat32)));
        Assert.Contains("'z'", Assert.Throws<ArgumentException>(() => TorchCheckpoint.Save(File, complex)).Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));
    }

    /// <summary>A reader of the format's specification, in Python without packages: what it reads is what torch has.</summary>
    [Fact]
    public async Task Python_reads_the_tensors()
    {
        using Sequential net = Nets.Convolutional();
        TorchCheckpoint.Save(File, net, notes: new Dictionary<string, string> { ["epoch"] = "7" });
        string script = Path.Combine(AppContext.BaseDirectory, "Checkpoints", "read_safetensors.py");
        Process? python = null;
        try
        {
            python = Process.Start(new ProcessStartInfo("python3", [script, File, "fc.bias"]) { RedirectStandardOutput = true, UseShellExecute = false });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no python3 here.");
        }

        using (python)
        {
            string[] said = (await python!.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            await python.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, python.ExitCode);
            Assert.Equal(["epoch 7", .. net.state_dict()["fc.bias"].data<float>().Select(v => BitConverter.SingleToInt32Bits(v).ToString(System.Globalization.CultureInfo.InvariantCulture))], said);
        }
    }

    private static void Step(Sequential net, SGD optimizer)
    {
        using DisposeScope scope = NewDisposeScope();
        net.forward(ones(2, 3, 4, 4)).mean().backward();
        optimizer.step();
    }

    private string Refusal(Action load)
    {
        var error = Assert.Throws<DpwaCheckpointException>(load);
        Assert.Contains($"'{File}'", error.Message, StringComparison.Ordinal);
        return error.Message;
    }
}
