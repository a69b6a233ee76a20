namespace Dpwa.Examples.Vision;

/// <summary>Data, a model name or a checkpoint that cannot be used. The message is for a person and says what to do.</summary>
public sealed class VisionException(string message, Exception? inner = null) : Exception(message, inner);
