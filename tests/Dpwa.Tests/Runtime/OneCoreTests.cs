using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Dpwa.Tests.Runtime;

/// <summary>A worker that is pinned to one core, as a local cluster does it: the tests of UpdateWait once more, in a process that has only one.</summary>
public partial class OneCoreTests
{
    /// <summary>Set in the child, whose tests then make sure that they have one core.</summary>
    public const string Marker = "DPWA_TEST_ONE_CORE";

    [Fact(Timeout = 240_000)]
    public async Task Nothing_lags_or_locks_up_on_one_pinned_core()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a child inherits the affinity of a thread only on Linux");
        using Process child = await StartPinned("-class", typeof(UpdateWaitTests).FullName!, "-noColor");
        string output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        string expected = $"Total: {CountTests(typeof(UpdateWaitTests))}, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0,";
        Assert.True(child.ExitCode == 0 && output.Contains(expected, StringComparison.Ordinal), $"not '{expected}':\n{output}");
    }

    /// <summary>A filter that matches nothing succeeds too, so the child must have run each of them.</summary>
    private static int CountTests(Type tests) => tests.GetMethods()
        .Where(m => m.GetCustomAttribute<FactAttribute>() is not null)
        .Sum(m => Math.Max(1, m.GetCustomAttributes<InlineDataAttribute>().Count()));

    /// <summary>The child of a thread runs where that thread may run: a thread of its own, so that nothing has to be undone.</summary>
    private static Task<Process> StartPinned(params string[] arguments) => Task.Factory.StartNew(
        () =>
        {
            ulong[] allowed = new ulong[16];
            Assert.True(GetAffinity(0, allowed.Length * sizeof(ulong), allowed) >= 0, "the affinity cannot be read");
            int word = Array.FindIndex(allowed, w => w != 0);
            ulong[] first = new ulong[16];
            first[word] = allowed[word] & (~allowed[word] + 1);
            Assert.Equal(0, SetAffinity(0, first.Length * sizeof(ulong), first));

            string self = Environment.ProcessPath!;
            string[] host = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(OneCoreTests).Assembly.Location] : [];
            var start = new ProcessStartInfo(self, [.. host, .. arguments]) { RedirectStandardOutput = true, UseShellExecute = false };
            start.Environment[Marker] = "1";
            return Process.Start(start)!;
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nint size, [Out] ulong[] mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint size, ulong[] mask);
}
