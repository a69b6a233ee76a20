namespace Dpwa.Examples.Vision.Data;

/// <summary>How training images are varied, so that no image is seen twice alike.</summary>
/// <param name="Padding">Each image is cropped to its own size from one padded with this many black pixels on every side; 0 is off.</param>
/// <param name="Flip">Half of the images are mirrored left to right. Not for digits: a mirrored 2 is no 2.</param>
public sealed record Augmentation(int Padding, bool Flip)
{
    /// <summary>Images as they are.</summary>
    public static Augmentation None { get; } = new(0, false);

    /// <summary>Random crops with padding 4, and mirror images: what is usual for CIFAR-10.</summary>
    public static Augmentation CropAndFlip { get; } = new(4, true);

    /// <summary>Small random shifts, for digits.</summary>
    public static Augmentation Shift { get; } = new(2, false);

    /// <summary>Draws one variation: where the crop starts, relative to the image, and whether it is mirrored.</summary>
    internal (int Top, int Left, bool Mirror) Draw(SplitMix64 random) =>
        (Padding == 0 ? 0 : random.Between(-Padding, Padding),
         Padding == 0 ? 0 : random.Between(-Padding, Padding),
         Flip && random.Below(2) == 1);
}
