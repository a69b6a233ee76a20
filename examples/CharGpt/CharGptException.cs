namespace Dpwa.Examples.CharGpt;

/// <summary>Options or a text that cannot be used. The message is for a person and says what to do.</summary>
public sealed class CharGptException(string message, Exception? inner = null) : Exception(message, inner);
