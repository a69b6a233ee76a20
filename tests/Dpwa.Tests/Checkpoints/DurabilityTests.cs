using System.Diagnostics;
using Dpwa.Checkpoints;

namespace Dpwa.Tests.Checkpoints;

/// <summary>Whatever happens while a checkpoint is saved, the one before stays whole until the new one is.</summary>
public sealed class DurabilityTests : IDisposable
{
    private const int KillCycles = 24, Limit = 180_000;
    private static readonly StoredTensor A = new("a", StoredType.U8, [100_000]);
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_disk_that_is_full_leaves_the_checkpoint_before_and_nothing_else()
    {
        Save(1);
        int room = 0;
        for (; ; room += 7_919)
        {
            try
            {
                Save(2, stream => new FullDisk(stream, room));
                break;
            }
            catch (DpwaCheckpointException e)
            {
                Assert.True(e.IsTransient);
                Assert.Contains($"'{_scratch.Path}' could not be written: No space left", e.Message, StringComparison.Ordinal);
                Assert.Equal(1, Load());
                Assert.Equal([_scratch.Path], Directory.GetFiles(_scratch.Folder));
            }
        }

        Assert.InRange(room, A.ByteLength, A.ByteLength + 10_000);
        Assert.Equal(2, Load());
    }

    [Fact]
    public void A_save_that_is_given_up_leaves_the_checkpoint_before_and_nothing_else()
    {
        Save(1);
        using (var writer = new CheckpointWriter(_scratch.Path, [A], Scratch.NoFacts))
        {
            writer.Write(new byte[A.ByteLength - 1]);
            Assert.Throws<InvalidOperationException>(writer.Commit);
            Assert.Throws<InvalidOperationException>(() => writer.Write(new byte[2]));
        }

        Assert.Equal(1, Load());
        Assert.Equal([_scratch.Path], Directory.GetFiles(_scratch.Folder));
    }

    [Fact]
    public void A_writer_that_has_failed_never_takes_the_place_of_the_checkpoint_before()
    {
        Save(1);
        int fails = 0;
        using (var writer = new CheckpointWriter(_scratch.Path, [A], Scratch.NoFacts, stream => new FullDisk(stream, A.ByteLength / 2, () => fails++)))
        {
            Assert.Throws<DpwaCheckpointException>(() => writer.Write(new byte[A.ByteLength]));

            // There is room again, and what is written now would be whole by its length.
            Assert.Throws<InvalidOperationException>(() => writer.Write(new byte[A.ByteLength]));
            Assert.Throws<InvalidOperationException>(writer.Commit);
        }

        Assert.Equal(1, fails);
        Assert.Equal(1, Load());
        using (var writer = new CheckpointWriter(_scratch.Path, [A], Scratch.NoFacts))
        {
            writer.Write(new byte[A.ByteLength]);
            Directory.CreateDirectory(_scratch.Path + ".aside");
            File.Move(_scratch.Path, Path.Combine(_scratch.Path + ".aside", "w1"));
            Directory.CreateDirectory(_scratch.Path);
            Assert.Throws<DpwaCheckpointException>(writer.Commit);
            Directory.Delete(_scratch.Path);
            Assert.Throws<InvalidOperationException>(writer.Commit);
        }

        Assert.False(File.Exists(_scratch.Path));
    }

    [Fact]
    public void Two_that_save_to_one_path_or_to_names_that_begin_alike_leave_each_other_alone()
    {
        string best = _scratch.Path + ".best";
        using (var first = new CheckpointWriter(_scratch.Path, [A], Scratch.NoFacts))
        using (var other = new CheckpointWriter(best, [A], Scratch.NoFacts))
        {
            first.Write(new byte[A.ByteLength]);
            other.Write(new byte[A.ByteLength]);
            Save(2);
            Assert.Equal(2, Load());
            other.Commit();
            first.Commit();
        }

        Assert.Equal(0, Load());
        Assert.Equal([_scratch.Path, best], Directory.GetFiles(_scratch.Folder).Order());
    }

    [Fact]
    public void Only_what_was_left_of_the_same_name_is_removed()
    {
        string own = $"{_scratch.Path}.abcdefgh.ijk.saving", other = $"{_scratch.Path}.best.abcdefgh.ijk.saving";
        File.WriteAllText(own, "");
        File.WriteAllText(other, "");
        Save(1);
        Assert.Equal([_scratch.Path, other], Directory.GetFiles(_scratch.Folder).Order());
    }

    [Fact]
    public void Who_might_not_read_the_one_before_may_not_read_the_next_and_a_link_is_replaced()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("There are no such permissions here.");
            return;
        }

        Save(1);
        const UnixFileMode own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(_scratch.Path, own);
        Save(2);
        Assert.Equal(own, File.GetUnixFileMode(_scratch.Path));

        string elsewhere = Path.Combine(_scratch.Folder, "elsewhere");
        File.Move(_scratch.Path, elsewhere);
        File.CreateSymbolicLink(_scratch.Path, elsewhere);
        byte[] before = File.ReadAllBytes(elsewhere);
        Save(3);
        Assert.Null(new FileInfo(_scratch.Path).LinkTarget);
        Assert.Equal(own, File.GetUnixFileMode(_scratch.Path));
        Assert.Equal(before, File.ReadAllBytes(elsewhere));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        File.WriteAllText(_scratch.Path, "a file where a folder should be");
        string path = Path.Combine(_scratch.Path, "w1.safetensors");
        var error = Assert.Throws<DpwaCheckpointException>(() => new CheckpointWriter(path, [A], Scratch.NoFacts));
        Assert.Contains($"'{path}' could not be written", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public void Folders_that_are_missing_are_made()
    {
        string path = Path.Combine(_scratch.Folder, "x", "y", "w1");
        using (var writer = new CheckpointWriter(path, [], Scratch.NoFacts))
            writer.Commit();
        using var reader = new CheckpointReader(path);
        Assert.Empty(reader.Tensors);
    }

    [Fact(Timeout = Limit)]
    public async Task A_process_killed_while_it_saves_leaves_a_checkpoint_that_loads()
    {
        int unfinished = 0;
        long before = 0;
        for (int cycle = 0; cycle < KillCycles; cycle++)
        {
            using var saver = new Process { StartInfo = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Dpwa.TestWorker.dll"), "save", _scratch.Path]) { RedirectStandardOutput = true, UseShellExecute = false } };
            Assert.True(saver.Start());

            // It says when a save begins; it is killed as many bytes later as its turn of the cycles of a file, so at any point of it.
            for (int saves = 0; saves < 2; saves++)
                Assert.NotNull(await saver.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            long reached = TestWorker.Saver.Bytes / KillCycles * cycle;
            while (!Directory.EnumerateFiles(_scratch.Folder, "*.saving").Any(f => LengthOf(f) >= reached))
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
                await Task.Yield();
            }

            saver.Kill();
            await saver.WaitForExitAsync(TestContext.Current.CancellationToken);

            unfinished += Directory.EnumerateFiles(_scratch.Folder, "*.saving").Any() ? 1 : 0;
            long number = TestWorker.Saver.Load(_scratch.Path);
            Assert.True(number > before, $"cycle {cycle}: save {number} after save {before}");
            before = number;
        }

        // Else no kill has hit a save, and this has shown nothing.
        Assert.InRange(unfinished, KillCycles / 2, KillCycles);
        Save(1);
        Assert.Equal([_scratch.Path], Directory.GetFiles(_scratch.Folder));
        TestContext.Current.TestOutputHelper?.WriteLine($"{KillCycles} processes killed, {unfinished} of them within a save; the file loaded each time");
    }

    private static long LengthOf(string file)
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (FileNotFoundException)
        {
            return -1;
        }
    }

    private void Save(byte value, Func<Stream, Stream>? through = null)
    {
        using var writer = new CheckpointWriter(_scratch.Path, [A], Scratch.NoFacts, through ?? (stream => stream));
        byte[] values = new byte[A.ByteLength];
        Array.Fill(values, value);
        writer.Write(values.AsSpan(0, 50_000));
        writer.Write(values.AsSpan(50_000));
        writer.Commit();
    }

    private byte Load()
    {
        using var reader = new CheckpointReader(_scratch.Path);
        byte[] values = new byte[A.ByteLength];
        reader.Read("a", values);
        return Assert.Single(values.Distinct());
    }

    /// <summary>Takes so many bytes, then fails once as a full disk does; then somebody has made room.</summary>
    private sealed class FullDisk(Stream disk, long room, Action? onFull = null) : MemoryStream
    {
        private long _room = room;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            disk.Write(buffer[..(int)Math.Min(_room, buffer.Length)]);
            if (buffer.Length > _room)
            {
                onFull?.Invoke();
                _room = long.MaxValue;
                throw new IOException("No space left on device.");
            }

            _room -= buffer.Length;
        }
    }
}
