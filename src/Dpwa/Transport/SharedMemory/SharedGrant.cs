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

    /// <summary>Whether the connection is over: the slot may be given to another as soon as no lease is in it.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>The connection has ended. That the reader ended it proves nothing of its lease: a connection has ends that neither side has made.</summary>
    public void Close() => _isClosed = true;

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

    /// <summary>
    /// Who the reader is, by the word beside its lease. Dead is who is not there any more, or has ended and is not yet buried: nothing of it reads. What cannot
    /// be told counts as alive, since the other mistake would overwrite what is being read.
    /// </summary>
    private bool IsAlive()
    {
        if (!SharedBoard.IsReaderOf(Generation, Volatile.Read(ref _board.Reader(Slot)), out int process))
            return true;
        string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}");
        if (!Directory.Exists(directory))
            return false;
        try
        {
            string status = File.ReadAllText(Path.Combine(directory, "stat"));
            return status.Length <= status.LastIndexOf(')') + 2 || status[status.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e is not (FileNotFoundException or DirectoryNotFoundException);
        }
    }
}
