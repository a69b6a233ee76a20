using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Dpwa.Checkpoints;

/// <summary>
/// A checkpoint that has been verified from its first byte to its last. Its elements are then read straight to where they belong. What does not fit is collected with
/// <see cref="Refuse"/>, so that all of it is told at once and before anything is changed.
/// </summary>
public sealed class CheckpointReader : IDisposable
{
    private const int ChunkBytes = 1 << 20;
    private const int MostProblems = 10;

    private readonly SafeFileHandle _file;
    private readonly Dictionary<string, (StoredTensor Tensor, long Offset)> _tensors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _expected = new(StringComparer.Ordinal) { CheckpointHeader.Digest.Name };
    private readonly List<string> _problems = [];

    /// <summary>Opens a file and verifies all of it, with no more memory than its header.</summary>
    /// <exception cref="DpwaCheckpointException">It is not there, cannot be read, is damaged or cut short, or is no checkpoint of this library. The message names it.</exception>
    public CheckpointReader(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        try
        {
            _file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DpwaCheckpointException($"There is no checkpoint '{path}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }

        try
        {
            CheckpointHeader header = ReadHeader(out long offset);
            Facts = header.Facts;
            Tensors = header.Tensors[..^1];
            foreach (StoredTensor tensor in header.Tensors)
            {
                _tensors.Add(tensor.Name, (tensor, offset));
                offset += tensor.ByteLength;
            }

            Verify(offset - SHA256.HashSizeInBytes);
        }
        catch (Exception e)
        {
            _file.Dispose();
            if (e is FormatException)
                throw new DpwaCheckpointException($"The checkpoint '{path}' {UntrustedText.Printable(e.Message)}.", e);
            if (e is NotSupportedException)
                throw new DpwaCheckpointException($"The checkpoint '{path}' is no file that can be read from any place, but a pipe or a device.", e);
            throw;
        }
    }

    /// <summary>The file, as it was given.</summary>
    public string Path { get; }

    /// <summary>The tensors, in the order of the file.</summary>
    public ImmutableArray<StoredTensor> Tensors { get; }

    /// <summary>The texts of the file by name, those of the library (<see cref="CheckpointPart.Reserved"/>) included.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; }

    /// <summary>The tensor of this name, or null.</summary>
    public StoredTensor? Find(string name) => _tensors.TryGetValue(name, out (StoredTensor Tensor, long) found) ? found.Tensor : null;

    /// <summary>Says that this tensor belongs to what is loaded. That it is missing, or of another type or shape, is noted as a reason to refuse the file. Gives whether it is as expected, for
    /// who wants to look at its elements too before anything is changed.</summary>
    public bool Expect(StoredTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!_expected.Add(tensor.Name))
            Refuse($"two parts are to be loaded from the tensor '{tensor.Name}'");
        else if (Find(tensor.Name) is not { } stored)
            Refuse($"it has no tensor '{tensor.Name}', which should be {tensor.Describe()}");
        else if (!stored.Equals(tensor))
            Refuse($"its tensor '{tensor.Name}' is {stored.Describe()} and should be {tensor.Describe()}");
        else
            return true;
        return false;
    }

    /// <summary>Notes a reason to refuse the file.</summary>
    /// <param name="problem">What does not fit, as the end of a sentence.</param>
    public void Refuse(string problem) => _problems.Add(problem);

    /// <summary>Throws when there is a reason to refuse the file: one that was noted, or a tensor that nothing expected.</summary>
    /// <exception cref="DpwaCheckpointException">It does not fit; the message has every reason, up to some.</exception>
    public void ThrowIfRefused()
    {
        List<string> problems = [.. _problems, .. Tensors.Where(t => !_expected.Contains(t.Name)).Select(t => $"it has a tensor that nothing here is loaded from: {t}")];
        if (problems.Count == 0)
            return;
        string more = problems.Count > MostProblems ? $"; and {problems.Count - MostProblems} more" : "";
        throw new DpwaCheckpointException($"The checkpoint '{Path}' does not fit: {string.Join("; ", problems.Take(MostProblems).Select(UntrustedText.Printable))}{more}. Nothing was changed.");
    }

    /// <summary>Reads elements of a tensor.</summary>
    /// <param name="name">Which.</param>
    /// <param name="destination">Filled whole.</param>
    /// <param name="start">From which byte of the tensor on.</param>
    /// <exception cref="ArgumentException">There is no such tensor, or it ends before.</exception>
    /// <exception cref="DpwaCheckpointException">The file cannot be read any more.</exception>
    public void Read(string name, Span<byte> destination, long start = 0)
    {
        if (!_tensors.TryGetValue(name, out (StoredTensor Tensor, long Offset) found))
            throw new ArgumentException($"There is no tensor '{name}' in '{Path}'.", nameof(name));
        if (start < 0 || destination.Length > found.Tensor.ByteLength - start)
            throw new ArgumentException($"Tensor {found.Tensor} in '{Path}' has {found.Tensor.ByteLength} bytes; these would be {start} to {start + destination.Length}.", nameof(start));
        Fill(destination, found.Offset + start);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private CheckpointHeader ReadHeader(out long dataOffset)
    {
        long fileLength = RandomAccess.GetLength(_file);
        if (fileLength < CheckpointHeader.LengthBytes)
            throw new FormatException($"is cut short: it has {fileLength} bytes");
        Span<byte> bytes = stackalloc byte[CheckpointHeader.LengthBytes];
        Fill(bytes, 0);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (length > CheckpointHeader.MaxLength)
            throw new FormatException($"has a header of {length} bytes, where {CheckpointHeader.MaxLength} is the most: it is damaged, or no safetensors file");
        dataOffset = CheckpointHeader.LengthBytes + (long)length;
        if (dataOffset > fileLength)
            throw new FormatException($"is cut short: its header has {length} bytes, and {fileLength - CheckpointHeader.LengthBytes} are there");
        byte[] json = new byte[(int)length];
        Fill(json, CheckpointHeader.LengthBytes);
        return CheckpointHeader.Parse(json, fileLength - dataOffset);
    }

    private void Verify(long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (long at = 0; at < length; at += ChunkBytes)
            {
                Span<byte> part = chunk.AsSpan(0, (int)Math.Min(ChunkBytes, length - at));
                Fill(part, at);
                hash.AppendData(part);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        Span<byte> stored = stackalloc byte[SHA256.HashSizeInBytes];
        Fill(stored, length);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(stored))
            throw new FormatException("is damaged: its content does not have the SHA-256 that it was saved with");
    }

    private void Fill(Span<byte> destination, long offset)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                int read = RandomAccess.Read(_file, destination, offset);
                if (read == 0)
                    throw new EndOfStreamException("it has become shorter while it was read.");
                destination = destination[read..];
                offset += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    private DpwaCheckpointException Unreadable(Exception e) => new($"The checkpoint '{Path}' could not be read: {e.Message}", e, isTransient: true);
}
