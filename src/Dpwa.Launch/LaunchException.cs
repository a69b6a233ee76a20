namespace Dpwa.Launch;

/// <summary>What was asked cannot be done, and nothing was started. One sentence an error, made to be shown to the user as it is.</summary>
public sealed class LaunchException : Exception
{
    /// <summary>An exception of these errors; the message has one line for each.</summary>
    public LaunchException(IReadOnlyList<string> errors, Exception? inner = null)
        : base(string.Join(Environment.NewLine, errors), inner) => Errors = errors;

    /// <summary>An exception of one error.</summary>
    public LaunchException(string error, Exception? inner = null)
        : this([error], inner)
    {
    }

    /// <summary>Every error found.</summary>
    public IReadOnlyList<string> Errors { get; }
}
