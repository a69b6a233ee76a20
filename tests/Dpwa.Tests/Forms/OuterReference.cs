namespace Dpwa.Tests.Forms;

/// <summary>METHODS.md, NoLoCo, in double precision and as it is written there.</summary>
internal sealed class OuterReference
{
    public OuterReference(double[] start)
    {
        Theta = [.. start];
        Phi = [.. start];
        Momentum = new double[start.Length];
    }

    public double[] Theta { get; }

    public double[] Phi { get; }

    public double[] Momentum { get; }

    /// <summary>What a peer sees: θ̂ and φ at this moment.</summary>
    public (double[] Theta, double[] Phi) Publish() => ([.. Theta], [.. Phi]);

    public void Step((double[] Theta, double[] Phi) own, (double[] Theta, double[] Phi) peer, OuterOptimizerOptions o)
    {
        for (int c = 0; c < Theta.Length; c++)
        {
            double meanDelta = ((own.Theta[c] - Phi[c]) + (peer.Theta[c] - peer.Phi[c])) / 2;
            double meanPhi = (Phi[c] + peer.Phi[c]) / 2;
            Momentum[c] = o.Alpha * Momentum[c] + o.Beta * meanDelta + o.Gamma * (meanPhi - Phi[c]);
            Phi[c] += Momentum[c];
            Theta[c] = Phi[c] + (Theta[c] - own.Theta[c]);
        }
    }
}
