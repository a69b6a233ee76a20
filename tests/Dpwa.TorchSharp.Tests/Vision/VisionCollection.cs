namespace Dpwa.TorchSharp.Tests.Vision;

/// <summary>Tests that run alone: torch has one random state and one count of tensors for the whole process.</summary>
[CollectionDefinition(nameof(VisionCollection), DisableParallelization = true)]
public sealed class VisionCollection;
