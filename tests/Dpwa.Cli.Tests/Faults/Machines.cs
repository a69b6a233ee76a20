using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Dpwa.Launch.Processes;

namespace Dpwa.Cli.Tests.Faults;

/// <summary>
/// A machine for each worker w1 … wN, as far as networks go: a namespace each, with an address of its own, joined by a switch (a bridge, in a namespace too). What a program there sends and receives goes through
/// the kernel's own TCP and a link that can be cut. Nothing of it touches the machine's own made. Needs Linux, root, and iproute2 (ip, tc): no other tool, and no firewall.
/// </summary>
internal sealed class Machines : IAsyncDisposable
{
    private const string Prefix = "dpwa-test-";

    // Belongs to nobody: what is sent to it passes the switch and is dropped by all.
    private const string Nobody = "02:00:00:00:00:ff";

    private static readonly Lazy<Task> Sweeping = new(SweepAsync);
    private static int _made;
    private readonly string _mark = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _made)}-";
    private readonly HashSet<string> _namespaces = [];

    private Machines()
    {
    }

    public int Count => _namespaces.Count - 1;

    private string Switch => _mark + "switch";

    /// <summary>Skips the test where it may not be made.</summary>
    public static async Task<Machines> CreateAsync(int count)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Network namespaces are Linux's.");
        var made = new Machines();
        try
        {
            await Sweeping.Value;
            await made.AddNamespaceAsync(made.Switch);
            await IpAsync("-n", made.Switch, "link", "add", "switch", "type", "bridge");
            await IpAsync("-n", made.Switch, "link", "set", "switch", "up");
            for (var n = 1; n <= count; n++) await made.AddAsync($"w{n}");
            return made;
        }
        catch (CommandException e)
        {
            await made.DisposeAsync();
            Assert.Skip($"Workers cannot have networks of their own here: {e.Message}. This takes root (CAP_SYS_ADMIN and CAP_NET_ADMIN) and the commands of Debian's iproute2; `bash tests/network.sh` installs it and runs these tests.");
            throw;
        }
    }

    public string NamespaceOf(string machine) => _mark + machine;

    public static string AddressOf(string machine) => $"10.0.0.{NumberOf(machine)}";

    /// <summary>A machine, new or again: the same address and the same network card.</summary>
    public async Task AddAsync(string machine)
    {
        var name = NamespaceOf(machine);
        await AddNamespaceAsync(name);
        await IpAsync("-n", name, "link", "set", "lo", "up");
        await IpAsync("-n", Switch, "link", "add", machine, "type", "veth", "peer", "name", "eth0", "address", $"02:00:00:00:00:{NumberOf(machine):x2}", "netns", name);
        await IpAsync("-n", Switch, "link", "set", machine, "master", "switch", "up");
        await IpAsync("-n", name, "address", "add", $"{AddressOf(machine)}/24", "dev", "eth0");
        await IpAsync("-n", name, "link", "set", "eth0", "up");
    }

    /// <summary>The cable is out: nothing gets to this machine nor from it, and no connection is told.</summary>
    public Task CutAsync(string machine) => IpAsync("-n", Switch, "link", "set", machine, "down");

    public Task HealAsync(string machine) => IpAsync("-n", Switch, "link", "set", machine, "up");

    /// <summary>What one machine sends to another is lost on the way, the other direction is well.</summary>
    public Task CutOneWayAsync(string from, string to) => IpAsync("-n", NamespaceOf(from), "neighbour", "replace", AddressOf(to), "lladdr", Nobody, "dev", "eth0", "nud", "permanent");

    public Task HealOneWayAsync(string from, string to) => IpAsync("-n", NamespaceOf(from), "neighbour", "delete", AddressOf(to), "dev", "eth0");

    /// <summary>Limits what a machine sends, as <c>80mbit</c>; skips the test where the kernel has no token bucket filter. Its queue is short: what is lost when it is full is sent again after some hundredths of a second,
    /// in which nothing else arrives.</summary>
    public async Task SlowDownAsync(string machine, string rate)
    {
        try
        {
            await RunAsync("tc", "-n", NamespaceOf(machine), "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", rate, "burst", "16kb", "latency", "50ms");
        }
        catch (CommandException e)
        {
            Assert.Skip($"This kernel cannot limit a link (module sch_tbf): {e.Message}");
        }
    }

    public Task SpeedUpAsync(string machine) => RunAsync("tc", "-n", NamespaceOf(machine), "qdisc", "delete", "dev", "eth0", "root");

    /// <summary>The machine is no more, with whatever ran there; nobody was told.</summary>
    public async Task LoseAsync(string machine)
    {
        await CutAsync(machine);
        await RemoveAsync(NamespaceOf(machine));
        _namespaces.Remove(NamespaceOf(machine));

        // The kernel takes a namespace apart in its own time, and the link would be in the way of the next.
        await IpAsync("-n", Switch, "link", "delete", machine);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _namespaces) await RemoveAsync(name);
    }

    private static int NumberOf(string machine) => int.Parse(machine.AsSpan(1), CultureInfo.InvariantCulture);

    private async Task AddNamespaceAsync(string name)
    {
        await IpAsync("netns", "add", name);
        _namespaces.Add(name);
    }

    private static async Task RemoveAsync(string name)
    {
        foreach (var process in (await IpAsync("netns", "pids", name)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                using var left = Process.GetProcessById(int.Parse(process, CultureInfo.InvariantCulture));
                left.Kill();
                await left.WaitForExitAsync();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
            {
                // It ended by itself.
            }
        }

        await IpAsync("netns", "delete", name);
    }

    /// <summary>What a test process that was killed has left.</summary>
    private static async Task SweepAsync()
    {
        foreach (var line in (await IpAsync("netns", "list")).Split('\n'))
        {
            var name = line.Split(' ')[0];
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(name[Prefix.Length..].Split('-')[0], out var owner) && ProcessIdentity.Of(owner) is null)
                await RemoveAsync(name);
        }
    }

    private static Task<string> IpAsync(params string[] arguments) => RunAsync("ip", arguments);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var what = $"{program} {string.Join(' ', arguments)}";
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());

            // Without the test's cancellation: what is begun is ended, and what was made is removed, whatever happens to the test.
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? await output : throw new CommandException($"'{what}' said '{(await error).Trim()}'");
        }
        catch (Win32Exception e)
        {
            throw new CommandException($"'{what}' cannot be run: {e.Message}");
        }
    }

    private sealed class CommandException(string message) : Exception(message);
}
