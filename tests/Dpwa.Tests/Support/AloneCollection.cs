namespace Dpwa.Tests.Support;

/// <summary>Tests that measure what is the whole process's: no other test runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
