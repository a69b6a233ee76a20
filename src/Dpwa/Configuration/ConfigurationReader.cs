namespace Dpwa.Configuration;

internal static class ConfigurationReader
{
    public static DpwaOptions Load(string path, DpwaExtensions extensions) => throw new NotImplementedException();
    public static DpwaOptions Parse(string yaml, string? file, DpwaExtensions extensions) => throw new NotImplementedException();
}
