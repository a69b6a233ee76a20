using System.Diagnostics;

namespace Dpwa.Launch.Processes;

/// <summary>Puts a program at the head of a session of its own, so that it and all it starts can be signalled as one and a terminal's Ctrl-C reaches
/// only us. <c>setsid</c> (Linux) and perl (on every Mac) become the program in place: the process id is the program's.</summary>
internal static class SessionCommand
{
    private const string Perl = "use POSIX (); POSIX::setsid(); exec { $ARGV[0] } @ARGV or die \"$ARGV[0]: $!\\n\";";

    private static readonly string[]? Prefix = FindPrefix();

    public static bool IsSupported => Prefix is not null;

    public static ProcessStartInfo For(string file, IEnumerable<string> arguments) => Prefix is null ? new(file, arguments) : new(Prefix[0], [.. Prefix[1..], file, .. arguments]);

    private static string[]? FindPrefix()
    {
        if (OperatingSystem.IsWindows()) return null;
        if (CommandPath.Find("setsid") is { } setsid) return [setsid];
        return CommandPath.Find("perl") is { } perl ? [perl, "-e", Perl] : null;
    }
}
