using System.Globalization;

namespace Dpwa.Transport.SharedMemory;

/// <summary>A reader's slot, as the publisher sees it.</summary>
internal sealed class SharedGrant
{
    private readonly SharedBoard _board;
    private volatile bool _isClosed;

    public SharedGrant(SharedBoard board, int slot, ulong generation)
    {
        (_board, Slot, Generation) = (board, slot, generation);
        Volatile.Write(ref board.Slot(slot), SharedBoard.Idle(generation));
    }

    public int Slot { get; }

    public ulong Generation { get; }

    /// <summary>The connection is over, and the slot may be given to another as soon as no lease is in it.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>The connection has ended.</summary>
    /// <param name="readerIsGone">Whether the reader ended it: it does so only after it has given back its lease, or by dying.</param>
    public void Close(bool readerIsGone)
    {
        if (readerIsGone)
            Volatile.Write(ref _board.Slot(Slot), 0);
        _isClosed = true;
    }

    /// <summary>Takes the slot back, unless a living reader holds a lease. From then on the reader cannot take one.</summary>
    public bool TryRevoke()
    {
        ref ulong word = ref _board.Slot(Slot);
        ulong now = Volatile.Read(ref word);
        if (now == 0)
            return true;
        if (SharedBoard.IndexOf(now) >= 0 && IsAlive())
            return false;
        return Interlocked.CompareExchange(ref word, 0, now) == now;
    }

    /// <summary>Who the reader is, by the word beside its lease. A process that has ended and is not yet buried reads nothing any more.</summary>
    private bool IsAlive()
    {
        try
        {
            string status = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_board.Reader(Slot)}/stat"));
            return status[status.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            return e is UnauthorizedAccessException;
        }
    }
}
