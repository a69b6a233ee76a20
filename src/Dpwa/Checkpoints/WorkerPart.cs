using System.Globalization;
using System.Runtime.InteropServices;
using Dpwa.Checkpoints;

namespace Dpwa;

/// <summary>A worker's clock, round, push-sum weight and outer optimizer, as part of a checkpoint: what <see cref="DpwaConnection.ExportState"/> gives.</summary>
/// <param name="connection">The worker. It is saved between <c>UpdateWait</c> and the next <c>UpdateSend</c>, and loaded before its first <c>UpdateSend</c>.</param>
public sealed class WorkerPart(DpwaConnection connection) : CheckpointPart
{
    private const string Clock = Reserved + "clock", Round = Reserved + "round", Weight = Reserved + "weight";
    private const string Slow = Reserved + "outer.slow.", Momentum = Reserved + "outer.momentum.";

    private WorkerState? _state;
    private Dictionary<string, ReadOnlyMemory<float>> _outer = [];

    /// <summary>The layout of a connection of flat vectors, which does not know it before the first <c>UpdateSend</c>; null: that of the file.</summary>
    internal ParameterLayout? FlatLayout { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<StoredTensor> Tensors()
    {
        _state = connection.ReadState(copy: false);
        _outer = [];
        if (_state.Outer is not { } outer)
            return [];
        foreach ((StoredTensor slow, StoredTensor momentum, int index) in OuterTensors(outer.Layout))
        {
            _outer.Add(slow.Name, outer.Slow[index]);
            _outer.Add(momentum.Name, outer.Momentum[index]);
        }

        return OuterTensors(outer.Layout).SelectMany(t => new[] { t.Slow, t.Momentum });
    }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, string>> Facts() =>
    [
        new(Clock, _state!.Clock.ToString("R", CultureInfo.InvariantCulture)),
        new(Round, _state.Round.ToString(CultureInfo.InvariantCulture)),
        new(Weight, _state.Weight.ToString("R", CultureInfo.InvariantCulture)),
    ];

    /// <inheritdoc/>
    public override void Write(string name, CheckpointWriter file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.Write(MemoryMarshal.AsBytes(_outer[name].Span));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The worker has begun to train.</exception>
    public override void Check(CheckpointReader file)
    {
        ArgumentNullException.ThrowIfNull(file);
        connection.ThrowIfBegun();
        _state = StateOf(file);
        if (_state is null)
        {
            file.Refuse("it was not saved with a worker's state (load it without the worker, which then begins at clock 0)");
            return;
        }

        if (_state.Problem() is { } problem)
            file.Refuse(problem);
        StoredTensor[] slow = [.. file.Tensors.Where(t => t.Name.StartsWith(Slow, StringComparison.Ordinal))];
        if (slow.Length == 0)
            return;
        if (!connection.HasOuter)
        {
            file.Refuse("it has the state of an outer optimizer, and the configuration has none: set 'outer'");
            return;
        }

        ParameterLayout layout = connection.Layout ?? FlatLayout ?? ParameterLayout.Flat(Math.Max(1, slow.Sum(t => t.ByteLength) / sizeof(float)));
        _state = _state with { Outer = ReadOuter(file, layout) };
        if (_state.Outer is { IsFinite: false })
            file.Refuse("its outer optimizer has values that are not finite: it is of training that had broken down");
    }

    /// <inheritdoc/>
    public override void Read(CheckpointReader file) => connection.WriteState(_state!, copy: false);

    /// <summary>Read before anything is changed, since it may be refused; its arrays then become the optimizer's. Null when it does not fit.</summary>
    private static OuterOptimizerState? ReadOuter(CheckpointReader file, ParameterLayout layout)
    {
        bool fits = true;
        var slow = new List<ReadOnlyMemory<float>>();
        var momentum = new List<ReadOnlyMemory<float>>();
        foreach ((StoredTensor s, StoredTensor m, _) in OuterTensors(layout))
        {
            fits &= file.Expect(s) & file.Expect(m);
            if (!fits)
                continue;
            slow.Add(ReadFloats(file, s));
            momentum.Add(ReadFloats(file, m));
        }

        return fits ? OuterOptimizerState.Of(layout, [.. slow], [.. momentum]) : null;
    }

    private static float[] ReadFloats(CheckpointReader file, StoredTensor tensor)
    {
        float[] values = new float[tensor.ByteLength / sizeof(float)];
        file.Read(tensor.Name, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static WorkerState? StateOf(CheckpointReader file) =>
        file.Facts.TryGetValue(Clock, out string? clock) && double.TryParse(clock, NumberStyles.Float, CultureInfo.InvariantCulture, out double c)
        && file.Facts.TryGetValue(Round, out string? round) && long.TryParse(round, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long r)
        && file.Facts.TryGetValue(Weight, out string? weight) && double.TryParse(weight, NumberStyles.Float, CultureInfo.InvariantCulture, out double w)
            ? new(c, r, w, Outer: null)
            : null;

    private static IEnumerable<(StoredTensor Slow, StoredTensor Momentum, int Index)> OuterTensors(ParameterLayout layout) => layout.Tensors
        .Where(t => t.Kind == TensorKind.Parameter)
        .Select((t, i) => (new StoredTensor(Slow + t.Name, StoredType.F32, t.Shape), new StoredTensor(Momentum + t.Name, StoredType.F32, t.Shape), i));
}
