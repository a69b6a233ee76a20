namespace Dpwa.Fuzz.Engine;

/// <summary>The input that is being tried, in a file, so that it is known even if it ends the process: a stack that overflows cannot be caught. <c>tests/fuzz.sh</c> then keeps it.</summary>
internal sealed class LastInput(FuzzTarget target) : IDisposable
{
    private readonly FileStream _file = new(Path.Combine(Path.GetTempPath(), $"dpwa-fuzz-last-{target.Name}{target.Extension}"), new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.Write,
        BufferSize = 0,
    });

    public void Keep(byte[] input)
    {
        RandomAccess.Write(_file.SafeFileHandle, input, 0);
        RandomAccess.SetLength(_file.SafeFileHandle, input.Length);
    }

    /// <summary>It was not needed.</summary>
    public void Dispose()
    {
        _file.Dispose();
        File.Delete(_file.Name);
    }
}
