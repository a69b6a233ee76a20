namespace Dpwa.Cli;

/// <summary>What every command ends with.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>It was done, and did not succeed.</summary>
    public const int Failed = 1;

    /// <summary>What was asked makes no sense as it stands; nothing was done.</summary>
    public const int Usage = 2;
}
