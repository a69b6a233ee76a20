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
    private bool _isOver;

    /// <summary>Begins a file.</summary>
    /// <param name="path">Where it will be. Folders that are missing are made.</param>
    /// <param name="tensors">What it will hold; the order of the file is <see cref="Tensors"/>.</param>
    /// <param name="facts">Texts by name, which Python sees as the file's metadata.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or a tensor or a text is one that could not be read back.</exception>
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
        CheckReadable(header, json);
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
        if (bytes.Length > _dataLength - Written)
            throw new InvalidOperationException($"The tensors of '{_path}' have {_dataLength} bytes, and more are written.");
        Put(bytes);
        Written += bytes.Length;
    }

    /// <summary>Everything is written: the file is brought to the disk and takes the place of the one before. Once a writer has failed it stays so: begin another.</summary>
    /// <exception cref="InvalidOperationException">Elements are missing, or it has failed or been committed before.</exception>
    /// <exception cref="DpwaCheckpointException">The file cannot be written.</exception>
    public void Commit()
    {
        if (Written != _dataLength)
            throw new InvalidOperationException($"The tensors of '{_path}' have {_dataLength} bytes, and {Written} were written.");
        Put(_hash.GetHashAndReset());
        _isOver = true;
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

    /// <summary>The bytes of elements so far.</summary>
    internal long Written { get; private set; }

    /// <summary>A null among the texts, say, or a dimension below 0: the one before must not be replaced by what no reader takes.</summary>
    private void CheckReadable(CheckpointHeader header, byte[] json)
    {
        try
        {
            CheckpointHeader back = CheckpointHeader.Parse(json, _dataLength + CheckpointHeader.Digest.ByteLength);
            if (!back.Tensors.SequenceEqual(header.Tensors) || header.Facts.Any(f => back.Facts.GetValueOrDefault(f.Key) != f.Value))
                throw new FormatException("has a name or a text that is not Unicode");
        }
        catch (FormatException e)
        {
            throw new ArgumentException($"The checkpoint '{_path}' could not be read back: it {e.Message}.", e);
        }
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        // After a failure nobody knows how much of it has reached the file.
        if (_isOver)
            throw new InvalidOperationException($"Writing '{_path}' has failed or is done; begin another.");
        _hash.AppendData(bytes);
        try
        {
            _stream.Write(bytes);
        }
        catch (Exception e) when (IsOfTheSystem(e))
        {
            _isOver = true;
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
