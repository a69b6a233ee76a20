using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Dpwa.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace Dpwa.TorchSharp.Checkpoints;

/// <summary>
/// An optimizer: for each parameter the public fields of its state (<c>momentum_buffer</c>, <c>exp_avg</c>, <c>step</c>, …) as tensors named
/// <c>dpwa.optimizer.PARAMETER.FIELD</c>, and for each group its options as texts. The state is taken by its fields and not by the library's own blob, which Python cannot read,
/// which forgets the tensors' types and devices, and which changes the optimizer before it has been read to its end.
/// </summary>
internal sealed class OptimizerPart : CheckpointPart
{
    private const string Prefix = Reserved + "optimizer";

    private readonly string _kind;
    private readonly List<(string Name, string Parameters, OptimizerOptions Options)> _groups = [];
    private readonly Dictionary<string, Field> _fields = new(StringComparer.Ordinal);
    private readonly List<(Field Field, StoredTensor? Stored)> _loading = [];

    /// <exception cref="ArgumentException">The optimizer keeps something that is neither a tensor nor a number.</exception>
    public OptimizerPart(OptimizerHelper optimizer, nn.Module net)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        _kind = optimizer.GetType().Name;
        var names = new Dictionary<nint, string>();
        foreach ((string name, Parameter parameter) in net.named_parameters())
            names.TryAdd(parameter.Handle, name);
        Optimizer.StateDictionary state = optimizer.state_dict();
        ParamGroup[] groups = [.. optimizer.ParamGroups.Cast<ParamGroup>()];
        int next = 0;
        for (int g = 0; g < groups.Length; g++)
        {
            Parameter[] parameters = [.. groups[g].Parameters];
            string[] called = [.. parameters.Select((p, i) => names.GetValueOrDefault(p.Handle, $"group{g}.{i}"))];
            _groups.Add(($"{Prefix}.group{g}", string.Join('\n', called), groups[g].Options));
            for (int i = 0; i < parameters.Length; i++)
                AddFields(called[i], parameters[i], state.State[next++]);
        }
    }

    public override IEnumerable<StoredTensor> Tensors() => _fields.Values.Select(f => f.Describe()).OfType<StoredTensor>();

    public override IEnumerable<KeyValuePair<string, string>> Facts()
    {
        yield return new(Prefix, _kind);
        foreach ((string name, string parameters, OptimizerOptions options) in _groups)
        {
            yield return new($"{name}.parameters", parameters);
            foreach (Option option in Option.Of(options))
                yield return new($"{name}.{option.Name}", option.Text);
        }
    }

    public override void Write(string name, CheckpointWriter file) => _fields[name].Write(file);

    public override void Check(CheckpointReader file)
    {
        if (!file.Facts.TryGetValue(Prefix, out string? kind) || kind != _kind)
        {
            file.Refuse(kind is null ? "it was saved without an optimizer" : $"its optimizer is {kind} and should be {_kind}");
            return;
        }

        if (_groups.Count != file.Facts.Keys.Count(k => k.StartsWith($"{Prefix}.group", StringComparison.Ordinal) && k.EndsWith(".parameters", StringComparison.Ordinal)))
            file.Refuse($"its optimizer has not {_groups.Count} group(s) of parameters");
        foreach ((string name, string parameters, OptimizerOptions options) in _groups)
        {
            if (file.Facts.GetValueOrDefault($"{name}.parameters") != parameters)
                file.Refuse($"the optimizer's parameters of {name[(Prefix.Length + 1)..]} are others, or in another order");
            foreach (Option option in Option.Of(options))
            {
                if (!file.Facts.TryGetValue($"{name}.{option.Name}", out string? text) || !option.CanBe(text))
                    file.Refuse($"it has no usable '{name}.{option.Name}'");
            }
        }

        _loading.Clear();
        foreach (Field field in _fields.Values)
        {
            StoredTensor? stored = field.Expected(file);
            if (stored is not null)
                file.Expect(stored);
            _loading.Add((field, stored));
        }
    }

    public override void Read(CheckpointReader file)
    {
        foreach ((string name, _, OptimizerOptions options) in _groups)
        {
            foreach (Option option in Option.Of(options))
                option.Set(file.Facts[$"{name}.{option.Name}"]);
        }

        foreach ((Field field, StoredTensor? stored) in _loading)
            field.Read(file, stored);
    }

    private void AddFields(string parameter, Tensor of, OptimizerState state)
    {
        foreach (FieldInfo field in state.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            if (field.FieldType != typeof(Tensor) && field.FieldType != typeof(long) && field.FieldType != typeof(double))
                throw new ArgumentException($"The optimizer {_kind} cannot be saved: it keeps '{field.Name}', a {field.FieldType.Name}, where a checkpoint has room for tensors and numbers.");
            string name = $"{Prefix}.{parameter}.{field.Name}";
            if (!_fields.TryAdd(name, new Field(name, state, field, of)))
                throw new ArgumentException($"The optimizer {_kind} cannot be saved: it has the parameter '{parameter}' twice.");
        }
    }

    /// <summary>One field of the state of one parameter.</summary>
    private sealed record Field(string Name, OptimizerState State, FieldInfo Info, Tensor Of)
    {
        private bool IsTensor => Info.FieldType == typeof(Tensor);

        private Tensor? Live => (Tensor?)Info.GetValue(State);

        /// <summary>What it is stored as; null for a tensor that is not there yet, as a momentum before the first step.</summary>
        public StoredTensor? Describe() =>
            !IsTensor ? new(Name, Info.FieldType == typeof(long) ? StoredType.I64 : StoredType.F64, [])
            : Live is { } live ? TensorTransfer.Describe(Name, live)
            : null;

        /// <summary>What it should be in the file: as here. One that is here and not in the file, or the other way round, was so when it was saved, which the
        /// parameters' names have shown to be the same; a new one is as its parameter.</summary>
        public StoredTensor? Expected(CheckpointReader file) =>
            IsTensor && file.Find(Name) is not { } ? null
            : Describe() ?? TensorTransfer.Describe(Name, Of);

        public void Write(CheckpointWriter file)
        {
            if (IsTensor)
                TensorTransfer.Write(Live!, file);
            else if (Info.GetValue(State) is long whole)
                file.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in whole)));
            else if (Info.GetValue(State) is double real)
                file.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<double>(in real)));
        }

        public void Read(CheckpointReader file, StoredTensor? stored)
        {
            if (!IsTensor)
            {
                long bits = 0;
                file.Read(Name, MemoryMarshal.AsBytes(new Span<long>(ref bits)));
                Info.SetValue(State, Info.FieldType == typeof(long) ? (object)bits : BitConverter.Int64BitsToDouble(bits));
            }
            else if (stored is null)
            {
                Live?.Dispose();
                Info.SetValue(State, null);
            }
            else
            {
                if (Live is null)
                    Info.SetValue(State, empty(Of.shape, Of.dtype, Of.device).DetachFromDisposeScope());
                TensorTransfer.Read(file, Name, Live!);
            }
        }
    }

    /// <summary>One option of a group, such as the learning rate: numbers and Booleans, as texts that give back the same number.</summary>
    private sealed record Option(string Name, Type Type, Func<object?> Get, Action<object?> Put)
    {
        public string Text => Convert.ToString(Get(), CultureInfo.InvariantCulture) ?? "";

        public static IEnumerable<Option> Of(OptimizerOptions options)
        {
            yield return new(nameof(options.LearningRate), typeof(double), () => options.LearningRate, v => options.LearningRate = (double?)v);
            yield return new(nameof(options.InitialLearningRate), typeof(double), () => options.InitialLearningRate, v => options.InitialLearningRate = (double)v!);
            foreach (FieldInfo field in options.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance))
            {
                Type type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
                if (type == typeof(double) || type == typeof(long) || type == typeof(int) || type == typeof(bool))
                    yield return new(field.Name, type, () => field.GetValue(options), v => field.SetValue(options, v));
            }
        }

        public bool CanBe(string text)
        {
            try
            {
                return text.Length == 0 ? Name != nameof(OptimizerOptions.InitialLearningRate) : Value(text) is not null;
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                return false;
            }
        }

        public void Set(string text) => Put(text.Length == 0 ? null : Value(text));

        private object Value(string text) => Convert.ChangeType(text, Type, CultureInfo.InvariantCulture);
    }
}
