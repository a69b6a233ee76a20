using Dpwa.Protocol;
using Dpwa.Simulation.Network;

namespace Dpwa.Tests.Faults;

/// <summary>What one seed stands for: a cluster, its method, its model, and what is likely to go wrong. Everything is drawn, and nothing depends on anything else.</summary>
internal sealed record FaultScenario(int Seed, DpwaOptions Options, ParameterLayout Layout, TimeSpan Latency, double[] Rates, int Disturbances, int Steps, bool EndsMerged, bool Bootstraps)
{
    /// <summary>How many exchanges each worker tries when nothing goes wrong any more.</summary>
    public int CalmSteps { get; init; } = 20;

    private static readonly FaultKind[] OfMessages = [.. Enum.GetValues<FaultKind>().Where(kind => kind < FaultKind.OneWayCut)];

    public int Nodes => Options.Nodes.Count;

    public VirtualNetworkSettings Network => new() { Latency = DelayDistribution.LogNormal(Latency, 0.5) };

    public static FaultScenario Draw(int seed)
    {
        var random = new Random(seed);
        DpwaOptions options = Safety(Method(random, seed), random);
        (double[] rates, int disturbances) = Trouble(random);
        return new(seed, options, Model(random, options), TimeSpan.FromMilliseconds(0.2 + 5 * random.NextDouble()), rates, disturbances, Steps: random.Next(4, 13), EndsMerged: options.Subset == 1 && random.Next(3) == 0, Bootstraps: options.Subset == 1 && random.Next(2) == 0);
    }

    public override string ToString()
    {
        string rates = string.Join(' ', OfMessages.Where(kind => Rates[(int)kind] > 0).Select(kind => $"{kind} {Rates[(int)kind]:0.##}"));
        return $"{Nodes} nodes, {Options.Method}: {Options.Exchange}, {Options.Apply}, {Options.Interpolation}, {Options.Topology}, {Options.Codec}, every {Options.ExchangeEvery}, p {Options.FetchProbability}, late {Options.LateFetch}, subset {Options.Subset}, "
            + $"limit {Options.MaxDeltaNorm?.ToString() ?? "none"}, staleness {Options.MaxStaleness?.TotalSeconds.ToString() ?? "any"}, {Options.MaxConnections} connections, {Options.MaxServes} serves, quarantine {Options.Quarantine?.ToString() ?? "none"}, time-out {Options.Timeout.TotalMilliseconds} ms, "
            + $"deadline {Options.EffectiveDeadline.TotalMilliseconds} ms, {Layout.Tensors.Length} tensors; {Steps} steps, {Disturbances} disturbances, {(rates.Length > 0 ? rates : "messages arrive")}{(EndsMerged ? "; a final merge" : "")}";
    }

    private static DpwaOptions Method(Random random, int seed)
    {
        string method = GossipMethods.Names[random.Next(GossipMethods.Names.Length)];
        int nodes = random.Next(2, 6);
        DpwaOptions options = GossipMethods.Options(method) with
        {
            Nodes = [.. Enumerable.Range(0, nodes).Select(i => new DpwaNode($"w{i}", "virtual", 45_000 + i))],
            Seed = seed,
            Timeout = TimeSpan.FromMilliseconds(random.Next(100, 400)),
            Codec = random.Next(2) == 0 ? PayloadCodec.Native : (PayloadCodec)random.Next(1, 4),
            ExchangeEvery = random.Next(4) == 0 ? random.Next(2, 4) : 1,
            FetchProbability = random.Next(3) == 0 ? 0.5 : 1,
        };
        bool takesFactor = options.Outer is null && options.Exchange is ExchangeKind.Pull or ExchangeKind.Push;
        if (takesFactor)
        {
            options = options with
            {
                Interpolation = random.Next(3) switch { 0 => "clock", 1 => "loss", _ => "constant" },
                ConstantValue = 0.1 + 0.8 * random.NextDouble(),
                DivergenceThreshold = random.Next(3) == 0 ? 40 : 0,
            };
        }

        if (options.Subset < 1)
            options = options with { Subset = 0.2 + 0.6 * random.NextDouble(), Exchange = random.Next(2) == 0 ? ExchangeKind.Pull : ExchangeKind.Push };
        else if (options.Exchange != ExchangeKind.Swap && options.Outer is null)
            options = options with { Apply = (ApplyForm)random.Next(2) };
        if (random.Next(2) == 0)
            return options;
        return random.Next(5) switch
        {
            0 => options with { Topology = Topology.Ring },
            1 when options.Exchange != ExchangeKind.Swap => options with { Topology = Topology.Exponential },
            2 when nodes is 2 or 4 => options with { Topology = Topology.Hypercube },
            3 => options with { Topology = Topology.Graph, Graph = [.. Enumerable.Range(1, nodes - 1).Select(i => new GraphEdge($"w{i - 1}", $"w{i}"))] },
            _ => options with { Topology = Topology.Matching },
        };
    }

    private static DpwaOptions Safety(DpwaOptions options, Random random) => options with
    {
        ExchangeDeadline = random.Next(2) == 0 ? null : options.Timeout * random.Next(1, 5),
        LateFetch = options.Apply == ApplyForm.Delta ? (LateFetch)random.Next(2) : LateFetch.Wait,
        MaxConnections = random.Next(4) == 0 ? random.Next(1, 4) : 256,
        MaxServes = random.Next(4) == 0 ? random.Next(1, 3) : options.MaxServes,
        MaxStaleness = random.Next(5) == 0 ? TimeSpan.FromMilliseconds(random.Next(50, 1000)) : null,
        Quarantine = random.Next(3) == 0 ? new(random.Next(1, 4), TimeSpan.FromMilliseconds(random.Next(200, 4000))) : null,
        MaxDeltaNorm = random.Next(5) > 0 || options.Exchange == ExchangeKind.PushSum ? null
            : new(random.Next(10, 150), options.Outer is not null || random.Next(2) == 0 ? DeltaExcess.Reject : DeltaExcess.Clip),
    };

    private static ParameterLayout Model(Random random, DpwaOptions options)
    {
        static TensorInfo Tensor(string name, long length, ElementType type = ElementType.Float32, TensorKind kind = TensorKind.Parameter) => new(name, [length], type, kind);
        return random.Next(options.Outer is null ? 3 : 2) switch
        {
            0 => ParameterLayout.Flat(600),
            1 => new([Tensor("weight", 1300), Tensor("bias", 5), Tensor("mean", 64, kind: TensorKind.Statistic)]),
            _ => new([Tensor("weight", 520), Tensor("double", 40, ElementType.Float64), Tensor("mean", 130, kind: TensorKind.Statistic), Tensor("half", 70, ElementType.BFloat16), Tensor("bias", 3)]),
        };
    }

    /// <summary>Nothing at all, one kind often, all kinds now and then, or all of them often.</summary>
    private static (double[] Rates, int Disturbances) Trouble(Random random)
    {
        double[] rates = new double[Enum.GetValues<FaultKind>().Length];
        int how = random.Next(10);
        double each = how < 8 ? 0.01 : 0.04;
        if (how == 0)
            return (rates, random.Next(3));
        if (how < 4)
            rates[(int)OfMessages[random.Next(OfMessages.Length)]] = 0.05 + 0.4 * random.NextDouble();
        foreach (FaultKind kind in OfMessages.Where(_ => how >= 4))
            rates[(int)kind] = each;
        return (rates, random.Next(2) * random.Next(1, 6));
    }
}
