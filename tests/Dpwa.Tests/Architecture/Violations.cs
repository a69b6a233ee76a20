using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;

// Each type breaks one rule, so that the rules are known to be checked. The field suffices for some, the body is needed for others.
#pragma warning disable CA1823, CA1852, IDE0051, IDE0052, CS0169, CS0649, CA2213, CA1001, MA0004, CA5394, RS0030, MA0069, MA0158
namespace Dpwa.Tests.Architecture.Violations;

internal sealed class Awaits
{
    public static async Task<int> Do() => await Task.FromResult(1).ConfigureAwait(false);
}

internal sealed class AwaitsValueTasks
{
    public static async ValueTask Do() => await default(ValueTask).ConfigureAwait(false);
}

internal sealed class Locks
{
    private readonly object _gate = new();

    public int Do()
    {
        lock (_gate)
            return 1;
    }
}

internal sealed class LocksTheNewWay
{
    private readonly Lock _gate = new();

    public int Do()
    {
        lock (_gate)
            return 1;
    }
}

internal sealed class Interlocks
{
    private int _count;

    public int Do() => Interlocked.Increment(ref _count);
}

internal sealed class HasASemaphore
{
    private SemaphoreSlim? _semaphore;
}

internal sealed class ReadsTheClock
{
    public static long Do() => DateTime.UtcNow.Ticks;
}

internal sealed class ReadsTheStopwatch
{
    public static long Do() => Stopwatch.GetTimestamp();
}

internal sealed class ReadsTheTickCount
{
    public static long Do() => Environment.TickCount64;
}

internal sealed class HasATimeProvider(TimeProvider time)
{
    public long Do() => time.GetTimestamp();
}

internal sealed class StartsAThread
{
    public static void Do() => new Thread(() => { }).Start();
}

internal sealed class RunsATaskInALambda
{
    public static Func<object> Do() => () => Task.CompletedTask;
}

internal sealed class HasASocket
{
    private Socket? _socket;
}

internal sealed class UsesSharedChance
{
    public static double Do() => Random.Shared.NextDouble();
}

internal sealed class UsesUnseededChance
{
    public static double Do() => new Random().NextDouble();
}

internal sealed class UsesGuids
{
    public static Guid Do() => Guid.NewGuid();
}

internal sealed class UsesStrongChance
{
    public static int Do() => RandomNumberGenerator.GetInt32(5);
}

/// <summary>This one breaks none.</summary>
internal sealed class Innocent(Random random)
{
    public double Do(TimeSpan now) => new Random(5).NextDouble() + random.NextDouble() + now.TotalSeconds;
}

internal sealed class UsesTheRuntime
{
    public static Type Do(Dpwa.Runtime.NodeRuntime runtime) => runtime.GetType();
}

internal sealed class UsesTheTransportInAGeneric
{
    private List<Dpwa.Transport.IConnection>? _connections;
}

internal sealed class UsesTheConnection
{
    public static double Do(object connection) => ((DpwaConnection)connection).Clock;
}

internal sealed class UsesTheProtocol
{
    private Dpwa.Protocol.MessageHeader _header;
}
