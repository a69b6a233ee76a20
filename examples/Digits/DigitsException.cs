namespace Dpwa.Examples.Digits;

/// <summary>An option or a file that cannot be used, in words for whoever gave it.</summary>
internal sealed class DigitsException(string message, Exception? inner = null) : Exception(message, inner);
