using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Dpwa.Launch.Processes;

/// <summary>A process id together with when that process was started: ids are used again, this pair is not.</summary>
/// <param name="Id">The process id.</param>
/// <param name="Started">The start, in a form that is the same for whoever asks.</param>
public sealed record ProcessIdentity(int Id, string Started)
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Own() => Of(Environment.ProcessId) ?? throw new InvalidOperationException("This process cannot see itself.");

    /// <summary>The living process of this id, or null.</summary>
    public static ProcessIdentity? Of(int id)
    {
        if (ProcessTable.IsSupported)
            return ProcessTable.Find(id) is { IsAlive: true } entry ? new(id, $"{BootId()}/{entry.StartTicks}") : null;

        try
        {
            using var process = Process.GetProcessById(id);
            return process.HasExited ? null : new(id, process.StartTime.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Whether this very process is still running.</summary>
    public bool IsAlive => Of(Id) == this;

    // The ticks count from the start of the machine, so its identity belongs to them.
    private static string BootId() => File.Exists("/proc/sys/kernel/random/boot_id") ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : "";
}
