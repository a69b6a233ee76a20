using Dpwa.Simulation;
using Dpwa.Simulation.Problems;

namespace Dpwa.Tests.Simulation;

public class ProblemTests
{
    [Fact]
    public void The_step_of_logistic_regression_follows_the_slope_of_its_loss()
    {
        // One node with every sample in its batch: the step is the gradient of the loss on everything.
        LabelledData data = LabelledData.Synthetic(featureCount: 3, samples: 40, seed: 1);
        IProblem problem = new ProblemSettings { Kind = ProblemKind.Logistic, Data = data, BatchSize = 40, LearningRate = 1 }.Create(nodes: 1, seed: 1);
        float[] x = [.. Enumerable.Range(0, problem.Dimension).Select(i => (float)Math.Sin(i))];
        double[] before = [.. x.Select(v => (double)v)];
        Assert.Equal(problem.Loss(before), problem.Step(0, x), 1e-5);
        for (int i = 0; i < x.Length; i += 7)
        {
            const double nudge = 1e-5;
            double[] up = [.. before], down = [.. before];
            up[i] += nudge;
            down[i] -= nudge;
            Assert.Equal((problem.Loss(up) - problem.Loss(down)) / (2 * nudge), before[i] - x[i], 1e-4);
        }
    }

    [Fact]
    public void The_noise_of_the_quadratic_has_the_variance_asked_for()
    {
        IProblem problem = new ProblemSettings { Kind = ProblemKind.Quadratic, Curvature = 0, Noise = 2, LearningRate = 0.5, Dimension = 2000 }.Create(nodes: 2, seed: 1);
        float[] x = new float[2000], y = new float[2000];
        problem.Step(0, x);
        problem.Step(1, y);
        Estimate.AgreesWith(1, [.. x.Select(v => (double)v * v)], sharpness: 0.2);
        Assert.NotEqual(x, y);
    }

    [Fact]
    public void A_table_of_samples_is_read_and_scaled()
    {
        LabelledData data = Read("a,b,target\n1,-4,2\n2,0,0\n");
        Assert.Equal((2, 3), (data.FeatureCount, data.Classes));
        Assert.Equal([0.25f, -1], data.Features(0));
        Assert.Equal([2, 0], data.Labels);
    }

    [Theory]
    [InlineData("a,b\n", "no samples")]
    [InlineData("a,b\n1,2\n1\n", ":3:")]
    [InlineData("a,b\nx,2\n", "'x' is not a number")]
    [InlineData("a,b\n1,-2\n", "the label '-2'")]
    [InlineData("a,b\n1,1e9\n", "the label '1e9'")]
    public void A_wrong_table_is_told_with_its_line(string text, string told) =>
        Assert.Contains(told, Assert.Throws<SimulationException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Each_node_needs_a_sample() => Assert.Throws<SimulationException>(() =>
        new ProblemSettings { Kind = ProblemKind.Logistic, Data = LabelledData.Synthetic(2, 10, 1) }.Create(nodes: 11, seed: 1));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\0b")]
    public void A_name_of_no_file_is_told(string path) => Assert.Throws<SimulationException>(() => LabelledData.Read(path));

    [Fact]
    public void More_samples_than_an_array_holds_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => LabelledData.Synthetic(1_500_000, 2000, 1));

    private static LabelledData Read(string text)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            return LabelledData.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
