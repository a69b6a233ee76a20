namespace Dpwa.Launch.Bench;

/// <summary>A measurement was begun and could not be brought to its end. The message is made to be shown as it is.</summary>
public sealed class BenchException : Exception
{
    /// <summary>An exception with this message.</summary>
    public BenchException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
