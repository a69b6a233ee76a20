using System.Globalization;

namespace Dpwa.Examples.Digits;

/// <summary>Where the images come from.</summary>
internal static class DigitFiles
{
    private const float White = 16;
    private const int SyntheticCount = 1800;
    private const double SyntheticNoise = 0.5;

    /// <summary>Reads a file, or makes images when there is none.</summary>
    /// <exception cref="DigitsException">It cannot be used.</exception>
    public static DigitSet Load(string? path) => path is null ? Synthetic() : Read(path);

    /// <summary>The form of the UCI "Optical recognition of handwritten digits" (scikit-learn's <c>load_digits</c>): a line of 64 numbers from 0 to 16 and the label an image; a line of
    /// headings may come first.</summary>
    private static DigitSet Read(string path)
    {
        var values = new List<float>();
        var labels = new List<int>();
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DigitsException($"Cannot read {path}: {e.Message}", e);
        }

        for (int i = 0; i < lines.Length; i++)
        {
            string[] columns = lines[i].Split(',');
            if (lines[i].Length == 0 || (i == 0 && columns.Any(c => c.Any(char.IsAsciiLetter))))
                continue;
            float[] numbers = [.. columns.Select(c => float.TryParse(c, CultureInfo.InvariantCulture, out float number) ? number : float.NaN)];
            if (numbers.Length != DigitSet.Pixels + 1 || !numbers[..^1].All(n => n is >= 0 and <= White) || !(numbers[^1] is >= 0 and < Perceptron.Classes && float.IsInteger(numbers[^1])))
                throw new DigitsException($"{path}({i + 1}): a line is 64 numbers from 0 to 16 and then the digit, with commas between.");
            values.AddRange(numbers[..^1].Select(n => n / White));
            labels.Add((int)numbers[^1]);
        }

        return labels.Count > 0 ? new([.. values], [.. labels]) : throw new DigitsException($"{path} has no images.");
    }

    /// <summary>Ten patterns drawn once, under noise: not digits, but as hard to tell apart.</summary>
    private static DigitSet Synthetic()
    {
        var random = new Random(1);
        float[] patterns = [.. Enumerable.Range(0, Perceptron.Classes * DigitSet.Pixels).Select(_ => random.NextSingle())];
        int[] labels = [.. Enumerable.Range(0, SyntheticCount).Select(i => i % Perceptron.Classes)];
        float[] values = [.. labels.SelectMany(label => patterns[(label * DigitSet.Pixels)..((label + 1) * DigitSet.Pixels)].Select(Noisy))];
        return new(values, labels);

        // Box and Muller's normal numbers.
        float Noisy(float pixel) =>
            (float)Math.Clamp(pixel + SyntheticNoise * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()), 0, 1);
    }
}
