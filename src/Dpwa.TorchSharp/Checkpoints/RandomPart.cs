using System.Buffers.Binary;
using Dpwa.Checkpoints;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Checkpoints;

/// <summary>The state of torch's default generator, of which dropout and random batches on the CPU draw. TorchSharp has no way to a GPU's.</summary>
internal sealed class RandomPart : CheckpointPart
{
    private const string Name = Reserved + "random.cpu";
    private const int Numbers = 624;

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

    public override void Check(CheckpointReader file)
    {
        if (!file.Expect(Tensors().Single()))
            return;

        // Given a state that it does not take, torch ends the process (TorchSharp passes no error on), and one that it takes may still lead its Mersenne Twister out of its
        // 624 numbers. The state begins with u64 seed; i32 left, one more than how many numbers are left; i32 seeded; u64 next, the place of the next.
        Span<byte> head = stackalloc byte[24];
        file.Read(Name, head);
        int left = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        ulong next = BinaryPrimitives.ReadUInt64LittleEndian(head[16..]);
        if (BinaryPrimitives.ReadInt32LittleEndian(head[12..]) != 1 || left is < 1 or > Numbers || next > Numbers || (ulong)left + next > Numbers + 1)
            file.Refuse("its random state is none that torch takes");
    }

    public override void Read(CheckpointReader file)
    {
        using Tensor state = random.get_rng_state();
        TensorTransfer.Read(file, Name, state);
        random.set_rng_state(state);
    }
}
