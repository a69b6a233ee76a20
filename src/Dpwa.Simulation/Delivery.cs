namespace Dpwa.Simulation;

/// <summary>The fate of a message.</summary>
public enum Delivery
{
    /// <summary>It arrives.</summary>
    Deliver,

    /// <summary>It is lost; the connection stays.</summary>
    Drop,
}
