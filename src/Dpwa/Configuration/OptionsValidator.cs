namespace Dpwa.Configuration;

internal static class OptionsValidator
{
    public static void ThrowIfInvalid(DpwaOptions options) => throw new NotImplementedException();
    public static DpwaNode FindNode(DpwaOptions options, string name) => throw new NotImplementedException();
}
