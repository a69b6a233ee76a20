namespace Dpwa;

/// <summary>The base of what this library throws on purpose. Training is never stopped by a peer: these come from the configuration, from binding and from checkpoints only.</summary>
public abstract class DpwaException : Exception
{
    private protected DpwaException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Whether trying the same again may help.</summary>
    public abstract bool IsTransient { get; }
}

/// <summary>The configuration cannot be used. <see cref="Errors"/> has every error found, each with its place.</summary>
public sealed class DpwaConfigurationException : DpwaException
{
    /// <summary>An exception of these errors; the message has one line for each.</summary>
    public DpwaConfigurationException(IReadOnlyList<ConfigurationError> errors)
        : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    /// <summary>Every error, in the order of the file.</summary>
    public IReadOnlyList<ConfigurationError> Errors { get; }

    /// <inheritdoc/>
    public override bool IsTransient => false;
}

/// <summary>One error of a configuration.</summary>
/// <param name="File">The file, or null when the configuration did not come from one.</param>
/// <param name="Line">The line, from 1; 0 when unknown.</param>
/// <param name="Column">The column, from 1; 0 when unknown.</param>
/// <param name="Message">What is wrong and what to do, one sentence.</param>
public sealed record ConfigurationError(string? File, int Line, int Column, string Message)
{
    /// <summary>For example <c>dpwa.yaml:3:5: unknown key 'fetch_probabilty'; did you mean 'fetch_probability'?</c></summary>
    public override string ToString() => (File, Line) switch
    {
        (null, 0) => Message,
        (null, _) => $"line {Line}, column {Column}: {Message}",
        (_, 0) => $"{File}: {Message}",
        _ => $"{File}:{Line}:{Column}: {Message}",
    };
}

/// <summary>The node's address cannot be listened on: it is taken, or it is not one of this machine.</summary>
public sealed class DpwaBindException : DpwaException
{
    /// <summary>An exception with this message.</summary>
    public DpwaBindException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}

/// <summary>A checkpoint cannot be written or loaded: the file is missing, damaged, cut short or of something else, or the disk is full. The message names the file.</summary>
public sealed class DpwaCheckpointException : DpwaException
{
    /// <summary>An exception with this message.</summary>
    public DpwaCheckpointException(string message, Exception? inner = null, bool isTransient = false)
        : base(message, inner) => IsTransient = isTransient;

    /// <summary>True when the system failed, as with a full disk; false when the file is not what it should be.</summary>
    public override bool IsTransient { get; }
}
