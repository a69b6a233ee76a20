using System.Runtime.Versioning;
using CsCheck;
using Dpwa.Transport.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dpwa.Tests.Transport.SharedMemory;

/// <summary>A ticket comes from a peer: it opens that peer's memory or nothing.</summary>
[SupportedOSPlatform("linux")]
public class TicketTests
{
    [Fact]
    public void A_ticket_is_read_as_it_was_written()
    {
        var ticket = new SharedTicket(12, 34, 56, 78, 9, 10);
        Assert.True(SharedTicket.TryDecode(ticket.Encode(), out SharedTicket read));
        Assert.Equal(ticket, read);
    }

    [Fact]
    public void Any_bytes_are_refused_or_a_ticket_within_bounds() => Gen.Byte.Array[0, 64].Sample(bytes =>
        !SharedTicket.TryDecode(bytes, out SharedTicket ticket)
        || (bytes.Length == SharedTicket.Size && ticket is { Process: > 0, Descriptor: >= 0, Slot: >= 0, Slots: > 0 and <= SharedBoard.MostSlots } && ticket.Slot < ticket.Slots));

    [Theory]
    [InlineData(0, 3, 1, 0, 4)]
    [InlineData(-1, 3, 1, 0, 4)]
    [InlineData(1, -3, 1, 0, 4)]
    [InlineData(1, 3, 0, 0, 4)]
    [InlineData(1, 3, 1, 4, 4)]
    [InlineData(1, 3, 1, -1, 4)]
    [InlineData(1, 3, 1, 0, 0)]
    [InlineData(1, 3, 1, 0, SharedBoard.MostSlots + 1)]
    public void A_ticket_out_of_bounds_is_refused(int process, int descriptor, ulong generation, int slot, int slots) =>
        Assert.False(SharedTicket.TryDecode(new SharedTicket(process, descriptor, 1, generation, slot, slots).Encode(), out _));

    [Fact]
    public void Memory_with_another_number_on_its_board_is_not_read()
    {
        using var scene = new SharedScene();
        SharedTicket ticket = scene.Memory.Ticket(scene.Memory.TryGrant()!);
        Assert.Null(scene.Open(ticket with { Nonce = ticket.Nonce + 1 }, out string problem));
        Assert.Equal("what is found there is not its memory", problem);
    }

    [Fact]
    public void Memory_of_another_size_is_not_read()
    {
        using var scene = new SharedScene();
        SharedTicket ticket = scene.Memory.Ticket(scene.Memory.TryGrant()!);
        Assert.Null(scene.Open(ticket with { Slots = 5 * 64 }, out string problem));
        Assert.Contains("not memory of this user", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_is_not_there_has_no_memory()
    {
        using var scene = new SharedScene();
        Assert.Null(scene.Open(scene.Memory.Ticket(scene.Memory.TryGrant()!) with { Process = int.MaxValue }, out string problem));
        Assert.NotEmpty(problem);
    }

    /// <summary>A file that could be truncated under a reader would end the reader's process.</summary>
    [Fact]
    public void A_file_that_is_not_sealed_is_not_read()
    {
        using var scene = new SharedScene();
        string path = Path.GetTempFileName();
        try
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.SetLength(file, SharedMapping.LengthFor(scene.Layout, 4));
            SharedTicket ticket = scene.Memory.Ticket(scene.Memory.TryGrant()!) with { Descriptor = (int)file.DangerousGetHandle() };
            Assert.Null(scene.Open(ticket, out string problem));
            Assert.Contains("not memory of this user", problem, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void Memory_that_others_may_open_is_not_read(UnixFileMode others)
    {
        using var scene = new SharedScene();
        SharedTicket ticket = scene.Memory.Ticket(scene.Memory.TryGrant()!);
        File.SetUnixFileMode($"/proc/{ticket.Process}/fd/{ticket.Descriptor}", UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        Assert.Null(scene.Open(ticket, out string problem));
        Assert.Contains("not memory of this user", problem, StringComparison.Ordinal);
    }

    /// <summary>A limit, which SECURITY.md names.</summary>
    [Fact]
    public void A_process_of_the_same_user_can_write_into_what_it_reads()
    {
        using var scene = new SharedScene();
        SharedTicket ticket = scene.Memory.Ticket(scene.Memory.TryGrant()!);
        using SafeFileHandle file = Memfd.Open(ticket.Process, ticket.Descriptor, SharedMapping.LengthFor(scene.Layout, ticket.Slots));
        byte[] written = [1, 2, 3], read = new byte[3];
        RandomAccess.Write(file, written, 4096);
        Assert.Equal(3, RandomAccess.Read(file, read, 4096));
        Assert.Equal(written, read);
    }

    [Fact]
    public void Memory_that_is_sealed_cannot_be_truncated()
    {
        using var scene = new SharedScene();
        SharedTicket ticket = scene.Memory.Ticket(scene.Memory.TryGrant()!);
        using SafeFileHandle file = Memfd.Open(ticket.Process, ticket.Descriptor, SharedMapping.LengthFor(scene.Layout, ticket.Slots));
        Assert.ThrowsAny<Exception>(() => RandomAccess.SetLength(file, 0));
        Assert.Equal(SharedMapping.LengthFor(scene.Layout, ticket.Slots), RandomAccess.GetLength(file));
    }
}
