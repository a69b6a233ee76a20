namespace Dpwa.Cli.Tests.Support;

internal static class TestLimits
{
    /// <summary>Only so that a test that hangs ends; nothing waits for it.</summary>
    public const int Milliseconds = 120_000;

    public static void NeedsLinux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "It looks into /proc and sends signals, which only Linux has both.");
}
