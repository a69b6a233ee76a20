using System.Text;

namespace Dpwa.Configuration;

/// <summary>The text of a configuration file, or an error that says why there is none.</summary>
internal static class ConfigurationFile
{
    /// <summary>The largest configuration in bytes, or in characters of text: ten thousand nodes fit.</summary>
    public const int Largest = 1024 * 1024;

    public static string Read(string path)
    {
        var place = new Place(path, 0, 0);
        if (string.IsNullOrWhiteSpace(path))
            throw ErrorList.Fatal(default, "the path of the configuration file is empty");
        if (Directory.Exists(path))
            throw ErrorList.Fatal(place, "this is a directory; name the configuration file in it");
        try
        {
            return Decode(path, Bytes(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ErrorList.Fatal(place, $"there is no such file (the full path is {Words.Quote(Path.GetFullPath(path))})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw ErrorList.Fatal(place, $"the file cannot be read: {e.Message}");
        }
    }

    public static DpwaConfigurationException TooLarge(string? path) =>
        ErrorList.Fatal(new(path, 0, 0), $"a configuration of more than {Largest / 1024} KiB is refused; is this the right file?");

    private static ReadOnlySpan<byte> Bytes(string path)
    {
        // Read to the limit instead of asking for the length: a device or a pipe has none.
        byte[] bytes = new byte[Largest + 1];
        using FileStream file = File.OpenRead(path);
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > Largest)
            throw TooLarge(path);
        return bytes.AsSpan(0, length);
    }

    private static string Decode(string path, ReadOnlySpan<byte> bytes)
    {
        Encoding encoding = bytes switch
        {
            [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true),
            [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true),
            _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
        };
        try
        {
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            string before = Encoding.Latin1.GetString(bytes[..Math.Max(0, e.Index)]);
            throw ErrorList.Fatal(Place.Of(path, before, before.Length), "this is not text: configuration files are UTF-8");
        }
    }
}
