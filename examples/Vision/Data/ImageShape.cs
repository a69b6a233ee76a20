namespace Dpwa.Examples.Vision.Data;

/// <summary>The size of one image: channels × height × width, e.g. 3×32×32.</summary>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Pixels of one channel.</summary>
    public int Plane => Height * Width;

    /// <summary>Bytes of one image.</summary>
    public int Size => Channels * Plane;

    /// <inheritdoc/>
    public override string ToString() => $"{Channels}×{Height}×{Width}";
}
