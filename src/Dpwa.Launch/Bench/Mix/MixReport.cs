namespace Dpwa.Launch.Bench.Mix;

/// <summary>What <see cref="MixBench"/> found out.</summary>
/// <param name="Bytes">The model's size.</param>
/// <param name="Threads">How many threads each did it to a model of its own, at once.</param>
/// <param name="Results">One for each element type.</param>
public sealed record MixReport(long Bytes, int Threads, IReadOnlyList<MixRates> Results);

/// <summary>GB/s (10⁹ bytes, read and written) of all threads together.</summary>
/// <param name="ElementType"><c>float32</c>, <c>bfloat16</c> or <c>float16</c>.</param>
/// <param name="MemcpyGbPerS">A plain copy.</param>
/// <param name="PublishGbPerS">Our copy, which also checks that all values are finite.</param>
/// <param name="BlendGbPerS">The best plain float32 blend over as many bytes, whatever the element type: what memory can do.</param>
/// <param name="MixGbPerS">Our blend in the parameters form: the model and the peer's are read, the model is written.</param>
/// <param name="MixDeltaGbPerS">In the delta form: our own snapshot is read too.</param>
public sealed record MixRates(string ElementType, double MemcpyGbPerS, double PublishGbPerS, double BlendGbPerS, double MixGbPerS, double MixDeltaGbPerS);
