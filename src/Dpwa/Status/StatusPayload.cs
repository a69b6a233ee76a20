using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Status;

/// <summary>A status on its way out: gathered under the node's gate, written by whoever sends it. It holds the snapshot that a sketch is to be made of until then.</summary>
internal sealed class StatusPayload(NodeStatus status, Snapshot? snapshot, SketchCache sketches) : IPayload
{
    public long Length => 0;

    public Memory<byte> Segment(int index) => default;

    public void Dispose() => snapshot?.Dispose();

    /// <summary>The message that is sent instead.</summary>
    public Message Write(in MessageHeader header)
    {
        using (this)
            return Message.With(header, new BytesPayload((snapshot is null ? status : status with { Sketch = sketches.Of(snapshot) }).Encode()));
    }
}

/// <summary>The last sketch. Whoever asks for one of the same snapshot is given the same, and while it would cost more than a part of the time, an older one.</summary>
internal sealed class SketchCache(TimeProvider time)
{
    // A sketch may take a two hundredth of the time of one core.
    private const int Share = 200;

    private readonly Lock _gate = new();
    private float[] _last = [];
    private ulong _sequence;
    private long _due;

    public float[] Of(Snapshot snapshot)
    {
        lock (_gate)
        {
            long start = time.GetTimestamp();
            if (snapshot.Sequence == _sequence || (_last.Length > 0 && start < _due))
                return _last;
            bool isFirst = _last.Length == 0;
            (_last, _sequence) = (ParameterSketch.Of(snapshot), snapshot.Sequence);
            long end = time.GetTimestamp();
            // The first has the compiler's time in it, by which an old one would be told for seconds while others tell new ones: that would look like models far apart.
            _due = isFirst ? end : end + Share * (end - start);
            return _last;
        }
    }
}
