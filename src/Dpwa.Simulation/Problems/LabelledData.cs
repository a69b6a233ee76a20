using System.Globalization;

namespace Dpwa.Simulation.Problems;

/// <summary>Samples with a label each.</summary>
public sealed class LabelledData
{
    internal const int SyntheticClasses = 10;
    private readonly float[] _features;

    private LabelledData(float[] features, int[] labels, int featureCount)
    {
        (_features, Labels, FeatureCount) = (features, labels, featureCount);
        Classes = labels.Max() + 1;
    }

    /// <summary>The label of each sample, from 0.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>The number of features of a sample.</summary>
    public int FeatureCount { get; }

    /// <summary>The number of labels.</summary>
    public int Classes { get; }

    /// <summary>The features of a sample.</summary>
    public ReadOnlySpan<float> Features(int sample) => _features.AsSpan(sample * FeatureCount, FeatureCount);

    /// <summary>Samples of ten classes made by our own code, always the same for one seed: normal with variance 1 about a centre of their class. The centres are normal
    /// too, about 3 apart, so that a linear model gets most of them right and not all.</summary>
    /// <param name="featureCount">The number of features, at least 1.</param>
    /// <param name="samples">The number of samples, at least 10.</param>
    /// <param name="seed">Which.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small, or together they are more than an array holds.</exception>
    public static LabelledData Synthetic(int featureCount, int samples, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(featureCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, SyntheticClasses);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)samples * featureCount, Array.MaxLength, nameof(featureCount));
        var random = new NormalStream(seed, -2);
        double spread = 3 / Math.Sqrt(2.0 * featureCount);
        double[] centres = new double[SyntheticClasses * featureCount];
        foreach (ref double centre in centres.AsSpan())
            centre = spread * random.NextNormal();
        float[] features = new float[samples * featureCount];
        int[] labels = new int[samples];
        for (int i = 0; i < features.Length; i++)
        {
            int label = labels[i / featureCount] = i / featureCount % SyntheticClasses;
            features[i] = (float)(centres[label * featureCount + i % featureCount] + random.NextNormal());
        }

        return new(features, labels, featureCount);
    }

    /// <summary>Reads a table: a line of headings, then a sample a line, numbers separated by commas, the label last, a whole number from 0. Features are divided by the largest absolute value
    /// of all.</summary>
    /// <exception cref="SimulationException">The file cannot be read, or a line is wrong.</exception>
    public static LabelledData Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (string.IsNullOrWhiteSpace(path))
            throw new SimulationException("the file of the data has no name");
        try
        {
            return Parse(path, File.ReadLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SimulationException($"{path} cannot be read: {e.Message}");
        }
    }

    private static LabelledData Parse(string path, IEnumerable<string> lines)
    {
        const int mostLabels = 1000;
        var features = new List<float>();
        var labels = new List<int>();
        int columns = 0;
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            if (number == 1 || string.IsNullOrWhiteSpace(line))
                continue;
            string[] cells = line.Split(',');
            columns = columns == 0 ? cells.Length : columns;
            if (cells.Length != columns || columns < 2)
                throw Wrong($"it has {cells.Length} columns; every line has the same number, at least two");
            foreach (string cell in cells.AsSpan(..^1))
            {
                if (!float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) || !float.IsFinite(value))
                    throw Wrong($"'{cell}' is not a number");
                features.Add(value);
            }

            if (!int.TryParse(cells[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int label) || label >= mostLabels)
                throw Wrong($"the label '{cells[^1]}', its last column, is not a whole number from 0 to {mostLabels - 1}");
            labels.Add(label);
        }

        if (labels.Count == 0)
            throw new SimulationException($"{path} has no samples: below the line of headings every line is one");
        float[] scaled = [.. features];
        float largest = Math.Max(scaled.Max(Math.Abs), float.Epsilon);
        foreach (ref float value in scaled.AsSpan())
            value /= largest;
        return new(scaled, [.. labels], columns - 1);

        SimulationException Wrong(string what) => new($"{path}:{number}: {what}");
    }
}
