using System.Collections.Immutable;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Dpwa.Checkpoints;

/// <summary>
/// Writes a checkpoint, in one pass and with no more memory than its header. The file appears under its name only with <see cref="Commit"/>, whole and on the disk;
/// until then, and if anything fails, the one before stays.
/// </summary>
public sealed class CheckpointWriter : IDisposable
{
    private readonly string _path;
    private readonly DurableFile? _file;
    private readonly Stream _stream;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly long _dataLength;
    private long _written;

    /// <summary>Begins a file.</summary>
    /// <param name="path">Where it will be. Folders that are missing are made.</param>
    /// <param name="tensors">What it will hold; the order of the file is <see cref="Tensors"/>.</param>
    /// <param name="facts">Texts by name, which Python sees as the file's metadata.</param>
    /// <exception cref="ArgumentException">Two tensors have one name.</exception>
    /// <exception cref="DpwaCheckpointException">The file cannot be written.</exception>
    public CheckpointWriter(string path, IEnumerable<StoredTensor> tensors, IReadOnlyDictionary<string, string> facts)
        : this(path, tensors, facts, stream => stream)
    {
    }

    /// <summary>As the public one, with something between it and the file: tests let writing fail there.</summary>
    internal CheckpointWriter(string path, IEnumerable<StoredTensor> tensors, IReadOnlyDictionary<string, string> facts, Func<Stream, Stream> through)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(facts);
        _path = path;
        CheckpointHeader header = CheckpointHeader.Of(tensors, facts);
        Tensors = header.Tensors[..^1];
        _dataLength = Tensors.Sum(t => t.ByteLength);
        byte[] json = header.Encode();
        if (json.Length > CheckpointHeader.MaxLength)
            throw new ArgumentException($"The names of {Tensors.Length} tensors and {facts.Count} texts take {json.Length} bytes; a checkpoint has room for {CheckpointHeader.MaxLength}.", nameof(tensors));
        _file = Guarded(() => new DurableFile(path));
        _stream = through(_file.Stream);
        try
        {
            Span<byte> length = stackalloc byte[CheckpointHeader.LengthBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
            Put(length);
            Put(json);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The tensors, in the order in which their elements are to be written: the larger elements first, so that all are aligned.</summary>
    public ImmutableArray<StoredTensor> Tensors { get; }

    /// <summary>Writes the next elements, little-endian, row-major; a tensor may be written in pieces.</summary>
    /// <exception cref="InvalidOperationException">There are more than the tensors have.</exception>
    /// <exception cref="DpwaCheckpointException">The file cannot be written.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _dataLength - _written)
            throw new InvalidOperationException($"The tensors of '{_path}' have {_dataLength} bytes, and more are written.");
        Put(bytes);
        _written += bytes.Length;
    }

    /// <summary>Everything is written: the file is brought to the disk and takes the place of the one before.</summary>
    /// <exception cref="InvalidOperationException">Elements are missing.</exception>
    /// <exception cref="DpwaCheckpointException">The file cannot be written.</exception>
    public void Commit()
    {
        if (_written != _dataLength)
            throw new InvalidOperationException($"The tensors of '{_path}' have {_dataLength} bytes, and {_written} were written.");
        Put(_hash.GetHashAndReset());
        Guarded(() =>
        {
            _stream.Flush();
            _file!.Commit();
            return true;
        });
    }

    /// <summary>Without a <see cref="Commit"/> nothing remains, and the file before stays.</summary>
    public void Dispose()
    {
        _hash.Dispose();
        _file!.Dispose();
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        try
        {
            _stream.Write(bytes);
        }
        catch (Exception e) when (IsOfTheSystem(e))
        {
            throw NotWritten(e);
        }
    }

    private T Guarded<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (IsOfTheSystem(e))
        {
            throw NotWritten(e);
        }
    }

    private DpwaCheckpointException NotWritten(Exception e) =>
        new(_file is { IsInPlace: true }
            ? $"The checkpoint '{_path}' is written, but a power failure may undo that: {e.Message}"
            : $"The checkpoint '{_path}' could not be written: {e.Message} What was there before is as it was.", e, isTransient: true);

    private static bool IsOfTheSystem(Exception e) => e is IOException or UnauthorizedAccessException;
}
