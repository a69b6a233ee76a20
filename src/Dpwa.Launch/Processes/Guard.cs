using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Dpwa.Launch.Processes;

/// <summary>
/// A small shell that outlives us when we are killed with no chance to clean up (kill -9, out of memory). It reads from a pipe which sessions are
/// running; when the pipe closes without a good-bye, nobody is left to stop them, so it does: politely first, then by force.
/// (The kernel's own means, PR_SET_PDEATHSIG, is bound to the thread that started the child, and pool threads come and go.)
/// </summary>
internal sealed class Guard : IAsyncDisposable
{
    private const string Script = """
        trap '' INT TERM HUP
        running=
        while read -r what id; do
          case $what in
            started) running="$running $id" ;;
            ended) left=; for each in $running; do [ "$each" = "$id" ] || left="$left $each"; done; running=$left ;;
            bye) exit 0 ;;
          esac
        done
        alive() { for each in $running; do kill -s 0 -- "-$each" 2>/dev/null && return 0; done; return 1; }
        for each in $running; do kill -s TERM -- "-$each" 2>/dev/null; done
        while [ "$1" -gt 0 ] && alive; do sleep 1; set -- $(($1 - 1)); done
        for each in $running; do kill -s KILL -- "-$each" 2>/dev/null; done
        """;

    private readonly Process _shell;
    private readonly Lock _gate = new();

    private Guard(Process shell) => _shell = shell;

    /// <summary>Starts one, or returns null where there are no sessions to guard.</summary>
    public static async Task<Guard?> StartAsync(TimeSpan grace)
    {
        if (!SessionCommand.IsSupported || CommandPath.Find("sh") is not { } sh) return null;
        var seconds = (grace == Timeout.InfiniteTimeSpan ? int.MaxValue : Math.Ceiling(grace.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var what = SessionCommand.For(sh, ["-c", Script, "dpwa-guard", seconds]);
        (what.RedirectStandardInput, what.RedirectStandardOutput, what.RedirectStandardError) = (true, true, true);
        // A folder that someone may want to remove or unmount is no place for it.
        what.WorkingDirectory = "/";
        try
        {
            return new(await Cpus.Affinity.StartAsync(what, cpus: null).ConfigureAwait(false));
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return null;
        }
    }

    public void Started(int leader) => Tell($"started {leader.ToString(CultureInfo.InvariantCulture)}");

    public void Ended(int leader) => Tell($"ended {leader.ToString(CultureInfo.InvariantCulture)}");

    public async ValueTask DisposeAsync()
    {
        Tell("bye");
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync().ConfigureAwait(false);
        _shell.Dispose();
    }

    private void Tell(string line)
    {
        try
        {
            lock (_gate)
            {
                _shell.StandardInput.Write(line + "\n");
                _shell.StandardInput.Flush();
            }
        }
        catch (IOException)
        {
            // Someone has killed it. The run goes on without.
        }
    }
}
