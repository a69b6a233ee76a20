namespace Dpwa.Launch.Workers;

/// <summary>Whether a worker that failed is started again, and after how long.</summary>
public sealed record RestartPolicy
{
    /// <summary>It stays down; the others train on.</summary>
    public static RestartPolicy Never { get; } = new() { MaxRestarts = 0 };

    /// <summary>It is started again whenever it ends with another exit code than 0, after 1 s, 2 s, 4 s … 30 s.</summary>
    public static RestartPolicy OnFailure { get; } = new();

    /// <summary>How often in a row at most; by default without end.</summary>
    public int MaxRestarts { get; init; } = int.MaxValue;

    /// <summary>The delay before the first restart, doubled with each one in a row.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A worker that ran for this long had recovered: the count of restarts in a row starts anew.</summary>
    public TimeSpan Recovered { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The delay before a restart that follows <paramref name="inRow"/> others in a row.</summary>
    public TimeSpan Delay(int inRow) => TimeSpan.FromTicks((long)Math.Min(MaxDelay.Ticks, FirstDelay.Ticks * Math.Pow(2, inRow)));
}
