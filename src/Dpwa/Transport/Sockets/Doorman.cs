using System.Net.Sockets;

namespace Dpwa.Transport.Sockets;

/// <summary>
/// One thread of the process for all that have connected and said nothing yet, so that these cost no more than their sockets. (The runtime's asynchronous sockets could wait too; but one that has been used in that way
/// once has its calls that hold their thread done by others from then on.) It looks at who is new every millisecond, since who wants something says so at once, and at the others from time to time.
/// </summary>
internal static class Doorman
{
    private const int StackSize = 128 * 1024;
    private const int NewFor = 10;
    private const int Seldom = 20;

    private static readonly Lock Gate = new();
    private static readonly AutoResetEvent SomebodyCame = new(false);
    private static List<Visitor> _arrived = [];
    private static Thread? _thread;

    /// <summary>Whether so many bytes have come; if not, the connection has ended. Waits until it is either.</summary>
    public static ValueTask<bool> WaitAsync(Socket socket, int bytes)
    {
        var visitor = new Visitor(socket, bytes);
        if (visitor.HasDecided())
            return new(visitor.Task);
        lock (Gate)
        {
            if (!IsThere())
                return new(true);
            _arrived.Add(visitor);
        }

        SomebodyCame.Set();
        return new(visitor.Task);
    }

    /// <summary>When the system gives no more threads he is not; then who receives waits.</summary>
    private static bool IsThere()
    {
        if (_thread is not null)
            return true;
        try
        {
            var thread = new Thread(Run, StackSize) { IsBackground = true, Name = "dpwa doorman" };
            thread.Start();
            _thread = thread;
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    private static void Run()
    {
        List<Visitor> waiting = [], arrived = [];
        int rounds = 0;
        while (true)
        {
            bool anyNew = waiting.Exists(v => v.Looks < NewFor);
            SomebodyCame.WaitOne(anyNew ? 1 : waiting.Count > 0 ? Seldom : Timeout.Infinite);
            lock (Gate)
                (_arrived, arrived) = (arrived, _arrived);
            waiting.AddRange(arrived);
            arrived.Clear();
            bool all = !anyNew || ++rounds % Seldom == 0;
            waiting.RemoveAll(v => (all || v.Looks < NewFor) && v.HasDecided());
        }
    }

    /// <summary>A connection on which nothing has come yet.</summary>
    private sealed class Visitor(Socket socket, int bytes)
    {
        private readonly TaskCompletionSource<bool> _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<bool> Task => _decided.Task;

        public int Looks { get; private set; }

        public bool HasDecided()
        {
            Looks++;
            try
            {
                if (!socket.Poll(0, SelectMode.SelectRead))
                    return false;

                // To be read, and nothing there: that is the end.
                int there = socket.Available;
                return (there == 0 || there >= bytes) && _decided.TrySetResult(there > 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return _decided.TrySetResult(false);
            }
        }
    }
}
