using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Dpwa.Fuzz.Engine;

/// <summary>
/// What the code under test did with an input: which branches followed which, and how many. SharpFuzz writes that into the code (see <see cref="Instrumentation"/>); in code
/// that it has not been to, nothing is seen and the fuzzer goes by chance alone. One thread at a time.
/// </summary>
internal static unsafe class Coverage
{
    /// <summary>SharpFuzz numbers branches with 16 bits.</summary>
    private const int Size = 1 << 16;

    private static readonly byte* Map = (byte*)NativeMemory.AllocZeroed(Size);
    private static long _work;
    private static int _thread;
    private static long _mostWork = long.MaxValue;

    /// <summary>Before any instrumented code runs, it must know where to write.</summary>
    [ModuleInitializer]
    internal static void Listen()
    {
        Trace.SharedMem = Map;
        Trace.OnBranch = static (_, _) => Work();
    }

    /// <summary>Forgets what was before.</summary>
    /// <param name="mostWork">More branches than this are a hang: <see cref="EndlessWorkException"/>.</param>
    public static void Begin(long mostWork)
    {
        new Span<byte>(Map, Size).Clear();
        Trace.PrevLocation = 0;
        (_work, _mostWork, _thread) = (0, mostWork, Environment.CurrentManagedThreadId);
    }

    /// <summary>What comes now is not the code under test's.</summary>
    public static void End() => _mostWork = long.MaxValue;

    /// <summary>Counts a piece of work, so that a hang is told by what was done and not by a clock. A harness calls it for what it does for the code under test.</summary>
    public static void Work()
    {
        // What the code under test does on other threads is not for this input alone.
        if (Environment.CurrentManagedThreadId == _thread && ++_work > _mostWork)
            throw new EndlessWorkException(_mostWork);
    }

    /// <summary>What the instrumented code does at each branch; a parser that is made up for a test calls it by hand.</summary>
    public static void Branch(ushort location)
    {
        Map[location ^ Trace.PrevLocation]++;
        Trace.PrevLocation = location >> 1;
        Work();
    }

    /// <summary>Adds what has been seen since <see cref="Begin"/> to what was seen before. Gives how many pairs of branches are new, or taken so many more or fewer times
    /// that it counts as new.</summary>
    /// <param name="seen">A bit for each class of counts, for each pair.</param>
    public static int AddTo(byte[] seen)
    {
        int added = 0;
        var words = new ReadOnlySpan<ulong>(Map, Size / sizeof(ulong));
        for (int word = 0; word < words.Length; word++)
        {
            if (words[word] == 0)
                continue;
            for (int i = word * sizeof(ulong); i < (word + 1) * sizeof(ulong); i++)
            {
                byte kind = Class(Map[i]);
                if ((seen[i] & kind) != kind)
                {
                    seen[i] |= kind;
                    added++;
                }
            }
        }

        return added;
    }

    /// <summary>A place for <see cref="AddTo"/>.</summary>
    public static byte[] Nothing() => new byte[Size];

    /// <summary>Twice in a loop is another thing than once, and a hundred times than twice; 41 and 42 are the same.</summary>
    private static byte Class(byte count) => count switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}

/// <summary>An input makes the code under test do more than its length allows for.</summary>
internal sealed class EndlessWorkException(long most) : Exception($"more than {most:N0} branches were taken: it may never end");
