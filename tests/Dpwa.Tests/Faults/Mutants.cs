using System.Runtime.Loader;
using Dpwa.Averaging;
using Dpwa.Exchange;
using Dpwa.Snapshots;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dpwa.Tests.Faults;

/// <summary>Bugs that are put into the compiled library, one at a time, and by which words it has to be found.</summary>
internal static class Mutants
{
    public static readonly Dictionary<string, (string Found, Action<ModuleDefinition> Put)> All = new()
    {
        ["a body is not compared with its checksum"] = ("is torn", module => Returns(Method(module, typeof(IncomingPayload), nameof(IncomingPayload.Complete)), 0)),
        ["an offer that was refused is taken up when it comes again"] = ("weights add up to", module => Returns(Method(module, typeof(Offers), nameof(Offers.IsNew)), 1)),
        ["a lease on a snapshot is never given back"] = ("buffers although", module => Returns(Method(module, typeof(Snapshot), nameof(Snapshot.Dispose)), null)),
        ["a lease on a buffer is never given back"] = ("buffers although", module => Returns(Method(module, typeof(IncomingPayload), nameof(IncomingPayload.Dispose)), null)),
        ["a snapshot is written while it is read"] = ("is torn", module => Returns(Method(module, typeof(Snapshot), "get_" + nameof(Snapshot.IsLeased)), 0)),
        ["half of the vector is mixed"] = ("is torn", HalfIsMixed),
        ["nobody is ever given up"] = ("UpdateWait held", NobodyIsGivenUp),
        ["the weight of an offer that was refused is lost"] = ("weights add up to", module => Argument(Method(module, typeof(Offers), nameof(Offers.Settle)), "applied", 1)),
        ["the weight of an offer without an answer comes back"] = ("weights add up to", module => Argument(Method(module, typeof(FetchExchange), "EndOffer"), "refused", 1)),
        ["a new life gives back what a former one has applied"] = ("weights add up to", module => Argument(Method(module, typeof(Offers), nameof(Offers.Settle)), "from", 0)),
        ["a difference is taken to one snapshot again and again"] = ("where no method leads", DifferencesAreTakenAgain),
    };

    /// <summary>Runs the seeds against the library as changed, and gives the first that fails.</summary>
    public static string? FirstFailure(string mutant, int seeds)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(DpwaOptions).Assembly.Location);
        All[mutant].Put(module);
        var changed = new MemoryStream();
        module.Write(changed);
        var context = new Context(changed);
        Type sweep = context.LoadFromAssemblyName(typeof(FaultSweep).Assembly.GetName()).GetType(typeof(FaultSweep).FullName!, throwOnError: true)!;
        string? failure = (string?)sweep.GetMethod(nameof(FaultSweep.FirstFailure))!.Invoke(null, [1, seeds, All[mutant].Found]);
        context.Unload();
        return failure;
    }

    private static MethodDefinition Method(ModuleDefinition module, Type type, string name) => module.GetType(type.FullName).Methods.Single(m => m.Name == name);

    /// <summary>The method does nothing but to return: a number, or nothing.</summary>
    private static void Returns(MethodDefinition method, int? value)
    {
        method.Body.Instructions.Clear();
        method.Body.ExceptionHandlers.Clear();
        ILProcessor code = method.Body.GetILProcessor();
        if (value is { } number)
            code.Emit(OpCodes.Ldc_I4, number);
        code.Emit(OpCodes.Ret);
    }

    /// <summary>The method is called with this, whatever it is called with.</summary>
    private static void Argument(MethodDefinition method, string name, int value)
    {
        ILProcessor code = method.Body.GetILProcessor();
        ParameterDefinition parameter = method.Parameters.Single(p => p.Name == name);
        Instruction first = method.Body.Instructions[0];
        code.InsertBefore(first, code.Create(OpCodes.Ldc_I4, value));
        if (parameter.ParameterType.MetadataType == MetadataType.UInt64)
            code.InsertBefore(first, code.Create(OpCodes.Conv_U8));
        code.InsertBefore(first, code.Create(OpCodes.Starg, parameter));
    }

    private static void NobodyIsGivenUp(ModuleDefinition module)
    {
        LastsForever(Method(module, typeof(NodeContext), "get_" + nameof(NodeContext.Timeout)));
        LastsForever(Method(module, typeof(NodeContext), "get_" + nameof(NodeContext.Deadline)));
    }

    private static void LastsForever(MethodDefinition method)
    {
        method.Body.Instructions.Clear();
        ILProcessor code = method.Body.GetILProcessor();
        code.Emit(OpCodes.Ldc_I8, TimeSpan.TicksPerDay);
        code.Emit(OpCodes.Newobj, method.Module.ImportReference(typeof(TimeSpan).GetConstructor([typeof(long)])));
        code.Emit(OpCodes.Ret);
    }

    private static void HalfIsMixed(ModuleDefinition module)
    {
        MethodDefinition method = module.GetType(typeof(Mixing).FullName).Methods.Single(m => m.Name == nameof(Mixing.Interpolate) && m.Parameters[0].ParameterType.FullName.Contains("Byte", StringComparison.Ordinal));
        ILProcessor code = method.Body.GetILProcessor();
        Instruction first = method.Body.Instructions[0];
        ParameterDefinition x = method.Parameters[0];
        foreach (Instruction instruction in new[]
        {
            code.Create(OpCodes.Ldarga, x), code.Create(OpCodes.Ldc_I4_0),
            code.Create(OpCodes.Ldarga, x), code.Create(OpCodes.Call, module.ImportReference(typeof(Span<byte>).GetMethod("get_Length"))), code.Create(OpCodes.Ldc_I4_2), code.Create(OpCodes.Div),
            code.Create(OpCodes.Call, module.ImportReference(typeof(Span<byte>).GetMethod("Slice", [typeof(int), typeof(int)]))), code.Create(OpCodes.Starg, x),
        })
        {
            code.InsertBefore(first, instruction);
        }
    }

    private static void DifferencesAreTakenAgain(ModuleDefinition module)
    {
        MethodDefinition method = Method(module, typeof(NodeContext), nameof(NodeContext.TakeUnusedOwn));
        Instruction clears = method.Body.Instructions.First(i => i.Operand is MethodReference { Name: "set_" + nameof(NodeContext.UnusedOwn) });
        ILProcessor code = method.Body.GetILProcessor();
        code.InsertBefore(clears, code.Create(OpCodes.Pop));
        code.Replace(clears, code.Create(OpCodes.Pop));
    }

    /// <summary>The library as changed, with the simulator and these tests on top of it, beside those that run.</summary>
    private sealed class Context(MemoryStream changed) : AssemblyLoadContext("mutant", isCollectible: true)
    {
        protected override System.Reflection.Assembly? Load(System.Reflection.AssemblyName name)
        {
            string here = typeof(Mutants).Assembly.GetName().Name!;
            if (name.Name == typeof(DpwaOptions).Assembly.GetName().Name)
                return LoadFromStream(new MemoryStream(changed.ToArray()));
            return name.Name == here || name.Name == typeof(Dpwa.Simulation.VirtualCluster).Assembly.GetName().Name
                ? LoadFromStream(new MemoryStream(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, name.Name + ".dll"))))
                : null;
        }
    }
}
