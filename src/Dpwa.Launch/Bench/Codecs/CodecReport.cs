namespace Dpwa.Launch.Bench.Codecs;

/// <summary>What <see cref="CodecBench"/> found out.</summary>
/// <param name="Bytes">The bytes of the values as float32.</param>
/// <param name="Values">How many there were.</param>
/// <param name="Results">One for each codec.</param>
public sealed record CodecReport(long Bytes, long Values, IReadOnlyList<CodecRates> Results);

/// <summary>One codec on values of a standard normal distribution.</summary>
/// <param name="Codec">Its name in configurations.</param>
/// <param name="EncodedBytes">What it makes of them.</param>
/// <param name="Ratio">The bytes as float32 by those.</param>
/// <param name="EncodeGbPerS">Encoding: GB (10⁹ bytes) of float32 values a second.</param>
/// <param name="DecodeGbPerS">Decoding, likewise.</param>
/// <param name="MeanSquaredError">Of the decoded values; the values' own variance is 1.</param>
public sealed record CodecRates(string Codec, long EncodedBytes, double Ratio, double EncodeGbPerS, double DecodeGbPerS, double MeanSquaredError);
