using Dpwa.Checkpoints;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Checkpoints;

/// <summary>The state of torch's default generator, of which dropout and random batches on the CPU draw. TorchSharp has no way to a GPU's.</summary>
internal sealed class RandomPart : CheckpointPart
{
    private const string Name = Reserved + "random.cpu";

    public override IEnumerable<StoredTensor> Tensors()
    {
        using Tensor state = random.get_rng_state();
        return [TensorTransfer.Describe(Name, state)];
    }

    public override void Write(string name, CheckpointWriter file)
    {
        using Tensor state = random.get_rng_state();
        TensorTransfer.Write(state, file);
    }

    public override void Check(CheckpointReader file) => file.Expect(Tensors().Single());

    public override void Read(CheckpointReader file)
    {
        using Tensor state = random.get_rng_state();
        TensorTransfer.Read(file, Name, state);
        random.set_rng_state(state);
    }
}
