using System.Collections.Immutable;
using Mono.Cecil;

namespace Dpwa.Tests.Architecture;

/// <summary>Dependencies point inward: what each folder may mention of the others, and what no state machine may do.</summary>
internal static class Rules
{
    /// <summary>
    /// Folder (the namespace below Dpwa) → the folders it may use. The root namespace, which has the layout, the options, the results and the exceptions, may be
    /// used by all but has a row too, since <c>DpwaConnection</c> is there and drives everything. A folder that is missing here fails the test.
    /// </summary>
    public static ImmutableDictionary<string, string[]> Allowed { get; } = new Dictionary<string, string[]>
    {
        ["Protocol"] = [],
        ["Snapshots"] = ["Protocol", "Codecs"],
        ["Codecs"] = ["Protocol"],
        ["Peers"] = ["Protocol", "Exchange", "Peers.Topologies"],
        ["Peers.Topologies"] = ["Protocol", "Data", "Peers"],
        ["Exchange"] = ["Protocol", "Codecs", "Snapshots", "Peers"],
        ["Averaging"] = ["Protocol", "Codecs", "Snapshots", "Peers", "Peers.Topologies", "Exchange"],
        ["Forms"] = ["Protocol", "Codecs", "Snapshots", "Averaging", "Data"],
        ["Transport"] = ["Protocol", "Codecs", "Snapshots", "Exchange"],
        ["Transport.InMemory"] = ["Protocol", "Snapshots", "Exchange", "Transport"],
        ["Transport.Sockets"] = ["Protocol", "Exchange", "Transport"],
        ["Transport.Tcp"] = ["Protocol", "Exchange", "Transport", "Transport.Sockets"],
        ["Transport.Tls"] = ["Protocol", "Exchange", "Transport", "Transport.Sockets", "Security"],
        ["Transport.SharedMemory"] = ["Protocol", "Snapshots", "Exchange", "Transport"],
        ["Diagnostics"] = [],
        ["Status"] = ["Protocol", "Codecs", "Snapshots"],
        ["Security"] = [],
        ["Data"] = [],
        ["Checkpoints"] = [],
        ["Configuration"] = ["Averaging", "Peers", "Protocol"],
        ["Runtime"] = ["Averaging", "Diagnostics", "Exchange", "Peers", "Protocol", "Snapshots", "Status", "Transport", "Transport.SharedMemory"],
        [""] = ["Averaging", "Checkpoints", "Codecs", "Configuration", "Diagnostics", "Exchange", "Forms", "Peers", "Protocol", "Runtime", "Security", "Snapshots", "Status", "Transport", "Transport.Tcp",
            "Transport.Tls"],
    }.ToImmutableDictionary();

    /// <summary>What the root namespace has for everyone. Options name extensions, and so the interfaces of those; nothing else of it leads outward.</summary>
    private static readonly string[] OutwardRootTypes = ["Dpwa.DpwaConnection", "Dpwa.Encryption"];

    private static readonly string[] Sockets = ["System.Net.", "System.IO.Pipes.", "System.IO.File", "System.IO.MemoryMappedFiles."];

    /// <summary>Names, or beginnings of names that end in a dot or colon, that no state machine may mention.</summary>
    private static readonly (string Rule, string[] Names)[] ForbiddenInStateMachines =
    [
        ("await", ["System.Runtime.CompilerServices.IAsyncStateMachine", "System.Runtime.CompilerServices.AsyncStateMachineAttribute", "System.Runtime.CompilerServices.AsyncTaskMethodBuilder"]),
        ("lock", ["System.Threading.Monitor", "System.Threading.Lock", "System.Threading.Interlocked", "System.Threading.Volatile", "System.Threading.Semaphore", "System.Threading.SemaphoreSlim",
            "System.Threading.Mutex", "System.Threading.SpinLock", "System.Threading.SpinWait", "System.Threading.ReaderWriterLockSlim", "System.Threading.ManualResetEventSlim", "System.Threading.ManualResetEvent",
            "System.Threading.AutoResetEvent", "System.Threading.Barrier", "System.Threading.CountdownEvent", "System.Collections.Concurrent."]),
        ("clock", ["System.DateTime::get_Now", "System.DateTime::get_UtcNow", "System.DateTimeOffset::get_Now", "System.DateTimeOffset::get_UtcNow", "System.Diagnostics.Stopwatch", "System.TimeProvider",
            "System.Environment::get_TickCount", "System.Environment::get_TickCount64", "System.Threading.Timer"]),
        ("thread", ["System.Threading.Thread", "System.Threading.ThreadPool", "System.Threading.Tasks.", "System.Threading.CancellationToken", "System.Threading.CancellationTokenSource"]),
        ("socket", Sockets),
        ("chance", ["System.Random::get_Shared", "System.Random::.ctor(0)", "System.Guid::NewGuid", "System.Security.Cryptography.RandomNumberGenerator", "System.HashCode"]),
    ];

    /// <summary>Where a folder of the library mentions another that it must not, or a socket.</summary>
    public static IEnumerable<string> OutwardDependencies(IEnumerable<TypeDefinition> types, Func<TypeDefinition, string> folderOf) =>
        from type in types
        let folder = folderOf(type)
        from mention in CodeReader.Mentions(type)
        let target = FolderOfMention(mention.Name)
        where IsOutward(folder, target, mention.Name)
        select $"{(folder.Length == 0 ? "the root" : folder)} must not use {mention.Name} (in {mention.Where})";

    /// <summary>Where a state machine does what only drivers may.</summary>
    public static IEnumerable<string> Impurities(IEnumerable<TypeDefinition> types) =>
        from type in types
        from mention in CodeReader.Mentions(type)
        from rule in ForbiddenInStateMachines
        where rule.Names.Any(name => Matches(mention.Name, name))
        select $"{rule.Rule}: {mention.Name} (in {mention.Where})";

    private static bool IsOutward(string folder, string? target, string name)
    {
        if (!Allowed.TryGetValue(folder, out string[]? allowed))
            return true;
        bool isDriver = folder is "" or "Runtime" or "Checkpoints" or "Configuration" or "Security" || folder.StartsWith("Transport", StringComparison.Ordinal);
        if (!isDriver && Sockets.Any(s => name.StartsWith(s, StringComparison.Ordinal)))
            return true;
        return target switch
        {
            null => false,
            "" => folder is not ("" or "Runtime") && OutwardRootTypes.Any(t => Matches(name, t)),
            _ => target != folder && !allowed.Contains(target),
        };
    }

    /// <summary>The folder of a name of ours; null for one that is not.</summary>
    private static string? FolderOfMention(string name)
    {
        if (!name.StartsWith("Dpwa.", StringComparison.Ordinal))
            return null;
        string rest = name["Dpwa.".Length..];
        return Allowed.Keys.Where(f => f.Length > 0 && rest.StartsWith(f + ".", StringComparison.Ordinal)).MaxBy(f => f.Length) ?? "";
    }

    private static bool Matches(string name, string rule) =>
        name.StartsWith(rule, StringComparison.Ordinal) && (rule[^1] is '.' or ')' || name.Length == rule.Length || name[rule.Length] is ':' or '.' or '`' or '(');
}
