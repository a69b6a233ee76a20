using Dpwa.Tests.Architecture.Violations;
using Mono.Cecil;

namespace Dpwa.Tests.Architecture;

/// <summary>The lines that the design keeps, by the compiled library.</summary>
public class ArchitectureTests
{
    private static readonly string[] Pure = ["Averaging", "Exchange", "Forms", "Peers", "Peers.Topologies"];

    [Fact]
    public void Dependencies_point_inward()
    {
        using ModuleDefinition module = CodeReader.Read(typeof(DpwaConnection));
        Assert.Empty(Rules.OutwardDependencies(Ours(module), FolderOf).Distinct());
    }

    [Fact]
    public void The_node_and_its_exchanges_are_state_machines_without_tasks_locks_clocks_threads_sockets_or_ambient_chance()
    {
        using ModuleDefinition module = CodeReader.Read(typeof(DpwaConnection));
        TypeDefinition[] types = [.. Ours(module).Where(t => Pure.Contains(FolderOf(t)))];
        Assert.Contains(types, t => t.Name == "GossipNode");
        Assert.Contains(types, t => t.Name == "FetchExchange");
        Assert.Contains(types, t => t.Name == "ModelForm");
        Assert.Empty(Rules.Impurities(types).Distinct());
    }

    [Fact]
    public void The_library_references_only_what_it_is_meant_to()
    {
        using ModuleDefinition module = CodeReader.Read(typeof(DpwaConnection));
        string[] allowed = ["YamlDotNet", "Microsoft.Extensions.Logging.Abstractions", "System.IO.Hashing"];
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string[] others = [.. module.AssemblyReferences.Select(r => r.Name).Where(name => !File.Exists(Path.Combine(framework, name + ".dll"))).Except(allowed)];
        Assert.Empty(others);
    }

    /// <summary>PEERS: "the process-wide random state is consumed".</summary>
    [Fact]
    public void Nothing_of_the_library_touches_the_process_wide_source_of_chance()
    {
        using ModuleDefinition module = CodeReader.Read(typeof(DpwaConnection));
        Assert.DoesNotContain(Ours(module).SelectMany(CodeReader.Mentions), m => m.Name.StartsWith("System.Random::get_Shared", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_folder_has_a_row_in_the_matrix()
    {
        using ModuleDefinition module = CodeReader.Read(typeof(DpwaConnection));
        Assert.Empty(Ours(module).Select(FolderOf).Distinct().Except(Rules.Allowed.Keys));
    }

    [Theory]
    [InlineData(typeof(Awaits), "await")]
    [InlineData(typeof(AwaitsValueTasks), "await")]
    [InlineData(typeof(Locks), "lock")]
    [InlineData(typeof(LocksTheNewWay), "lock")]
    [InlineData(typeof(Interlocks), "lock")]
    [InlineData(typeof(HasASemaphore), "lock")]
    [InlineData(typeof(ReadsTheClock), "clock")]
    [InlineData(typeof(ReadsTheStopwatch), "clock")]
    [InlineData(typeof(ReadsTheTickCount), "clock")]
    [InlineData(typeof(HasATimeProvider), "clock")]
    [InlineData(typeof(StartsAThread), "thread")]
    [InlineData(typeof(RunsATaskInALambda), "thread")]
    [InlineData(typeof(HasASocket), "socket")]
    [InlineData(typeof(UsesSharedChance), "chance")]
    [InlineData(typeof(UsesUnseededChance), "chance")]
    [InlineData(typeof(UsesGuids), "chance")]
    [InlineData(typeof(UsesStrongChance), "chance")]
    [InlineData(typeof(Innocent), null)]
    public void The_checker_of_state_machines_catches(Type type, string? rule)
    {
        using ModuleDefinition module = CodeReader.Read(type);
        string[] found = [.. Rules.Impurities([module.GetType(type.FullName)]).Select(f => f[..f.IndexOf(':', StringComparison.Ordinal)]).Distinct()];
        if (rule is null)
            Assert.Empty(found);
        else
            Assert.Contains(rule, found);
    }

    [Theory]
    [InlineData(typeof(UsesTheRuntime), "Exchange", true)]
    [InlineData(typeof(UsesTheRuntime), "", false)]
    [InlineData(typeof(UsesTheTransportInAGeneric), "Averaging", true)]
    [InlineData(typeof(UsesTheTransportInAGeneric), "Runtime", false)]
    [InlineData(typeof(UsesTheConnection), "Peers", true)]
    [InlineData(typeof(UsesTheProtocol), "Diagnostics", true)]
    [InlineData(typeof(UsesTheProtocol), "Exchange", false)]
    [InlineData(typeof(HasASocket), "Protocol", true)]
    [InlineData(typeof(HasASocket), "Transport.Tcp", false)]
    [InlineData(typeof(Innocent), "Protocol", false)]
    [InlineData(typeof(Innocent), "A.New.Folder", true)]
    public void The_checker_of_dependencies_catches(Type type, string folder, bool isWrong)
    {
        using ModuleDefinition module = CodeReader.Read(type);
        Assert.Equal(isWrong, Rules.OutwardDependencies([module.GetType(type.FullName)], _ => folder).Any());
    }

    private static IEnumerable<TypeDefinition> Ours(ModuleDefinition module) =>
        module.Types.Where(t => t.Namespace == "Dpwa" || t.Namespace.StartsWith("Dpwa.", StringComparison.Ordinal));

    private static string FolderOf(TypeDefinition type) => type.Namespace == "Dpwa" ? "" : type.Namespace["Dpwa.".Length..];
}
