using System.Globalization;
using Dpwa.Dashboard.Watching;
using Dpwa.Launch;
using Microsoft.Data.Sqlite;

namespace Dpwa.Dashboard.Storage;

/// <summary>
/// Writes runs to a SQLite file, which belongs to one writer at a time. A run has at most <see cref="MostPoints"/> points: when it is full, each two become one and points get twice as wide, so that a run
/// of a minute is kept by the second and one of a month by the hour, in as much room. The newest <see cref="MostRuns"/> runs are kept.
/// </summary>
public sealed class RunStore : IDisposable
{
    /// <summary>The points of a run, at most.</summary>
    public const int MostPoints = 2048;

    /// <summary>The lines of the event log of a run, at most: the oldest go.</summary>
    public const int MostEvents = 2000;

    /// <summary>How many runs are kept.</summary>
    public const int MostRuns = 50;

    private const int FirstWidth = 1000;

    private readonly SqliteConnection _connection;
    private readonly FileStream _right;
    private readonly Dictionary<(long From, long To), (long Averaged, long Failed)> _edges = [];
    private long[] _ids = [];
    private Moment _moment = new(0);
    private long _run, _width;
    private DateTimeOffset _started;

    private RunStore(SqliteConnection connection, FileStream right) => (_connection, _right) = (connection, right);

    /// <summary>Opens the file, or makes it and its folder.</summary>
    /// <exception cref="LaunchException">It cannot be written, is another file, or another dashboard writes it.</exception>
    public static RunStore Open(string path)
    {
        FileStream? right = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            // Never removed: whoever waits for a file that is gone has the right to nothing.
            right = new FileStream($"{path}.lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            return new(Schema.Open(path, create: true), right);
        }
        catch (IOException e) when (right is null && File.Exists($"{path}.lock"))
        {
            throw new LaunchException($"Another dashboard keeps its runs in {path}: look at its page, or give this one another file with --data.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"Cannot write {path}: {e.Message.TrimEnd('.')}. Give another file with --data.", e);
        }
        catch
        {
            right?.Dispose();
            throw;
        }
    }

    /// <summary>The last run, to go on with it: by name, the life of each of its nodes and the number of the last exchange that was counted. Null when there is none.</summary>
    public (RunSummary Run, IReadOnlyDictionary<string, NodeLife> Lives)? Last()
    {
        if (RunReader.Runs(_connection, limit: 1) is not [var run])
            return null;
        var lives = _connection.Rows("SELECT name, life, last FROM node WHERE run = $0", row => (Name: row.GetString(0), Life: row.GetString(1), Last: row.GetInt64(2)), run.Id)
            .Where(node => node.Life.Length > 0)
            .ToDictionary(node => node.Name, node => new NodeLife(ulong.Parse(node.Life, CultureInfo.InvariantCulture), node.Last), StringComparer.Ordinal);
        return (run, lives);
    }

    /// <summary>Begins a run and forgets the oldest.</summary>
    /// <returns>Its number.</returns>
    public long Begin(string title, IReadOnlyList<string> nodes, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        using SqliteTransaction all = _connection.BeginTransaction();
        long started = now.ToUnixTimeMilliseconds();
        _connection.Run("INSERT INTO run (title, started, ended, width) VALUES ($0, $1, $1, $2)", title, started, FirstWidth);
        long run = _connection.Number("SELECT last_insert_rowid()");
        AddNodes(run, nodes);
        foreach (string table in (string[])["node", "point", "cluster", "edge", "event"])
            _connection.Run($"DELETE FROM {table} WHERE run <= $0", run - MostRuns);
        _connection.Run("DELETE FROM run WHERE id <= $0", run - MostRuns);
        all.Commit();
        Continue(run, nodes);
        return run;
    }

    /// <summary>Goes on with a run, with the nodes of now.</summary>
    public void Continue(long run, IReadOnlyList<string> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        AddNodes(run, nodes);
        _run = run;
        _moment = new(nodes.Count);
        (_started, _width) = _connection.Rows("SELECT started, width FROM run WHERE id = $0", row => (row.Time(0), row.GetInt64(1)), run)[0];
        _ids = [.. nodes.Select(name => _connection.Number("SELECT id FROM node WHERE run = $0 AND name = $1", run, name))];
        _edges.Clear();
    }

    /// <summary>Counts an exchange between two nodes, by their places.</summary>
    internal void Count(int from, int to, bool averaged)
    {
        (long, long) edge = (_ids[from], _ids[to]);
        (long ok, long failed) = _edges.GetValueOrDefault(edge);
        _edges[edge] = averaged ? (ok + 1, failed) : (ok, failed + 1);
    }

    /// <summary>Writes a moment of the run.</summary>
    internal void Write(Tick tick, IReadOnlyList<NodeLife?> lives)
    {
        using SqliteTransaction all = _connection.BeginTransaction();
        long bucket = Bucket(tick.At);
        if (bucket != _moment.Bucket)
            _moment.Begin(bucket);
        _moment.Add(tick);
        WriteMoment();
        foreach (((long from, long to), (long averaged, long failed)) in _edges)
        {
            _connection.Run(
                "INSERT INTO edge VALUES ($0, $1, $2, $3, $4) ON CONFLICT DO UPDATE SET averaged = averaged + excluded.averaged, failed = failed + excluded.failed", _run, from, to, averaged, failed);
        }

        for (int i = 0; i < lives.Count; i++)
        {
            if (lives[i] is { } life)
                _connection.Run("UPDATE node SET life = $2, last = $3 WHERE run = $0 AND id = $1", _run, _ids[i], life.Incarnation.ToString(CultureInfo.InvariantCulture), life.LastExchange);
        }

        WriteEvents(tick.Events);
        if (tick.Cluster.Running > 0)
            _connection.Run("UPDATE run SET ended = $1 WHERE id = $0", _run, tick.At.ToUnixTimeMilliseconds());
        all.Commit();
        _edges.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        _right.Dispose();
    }

    private void AddNodes(long run, IReadOnlyList<string> nodes)
    {
        foreach (string name in nodes)
        {
            _connection.Run(
                "INSERT INTO node (run, id, name) SELECT $0, (SELECT COUNT(*) FROM node WHERE run = $0), $1 WHERE NOT EXISTS (SELECT 1 FROM node WHERE run = $0 AND name = $1)", run, name);
        }
    }

    // A clock that is set back writes into the last point.
    private long Bucket(DateTimeOffset at)
    {
        long ms = Math.Max(0, (long)(at - _started).TotalMilliseconds);
        for (; ms / _width >= MostPoints; _width *= 2)
            Halve();
        return Math.Max(_moment.Bucket, ms / _width);
    }

    private void Halve()
    {
        _connection.Run(
            """
            CREATE TEMP TABLE p AS SELECT bucket / 2 AS b, node, AVG(loss) AS loss, MAX(clock) AS clock FROM point WHERE run = $0 GROUP BY b, node;
            DELETE FROM point WHERE run = $0;
            INSERT INTO point SELECT $0, b, node, loss, clock FROM p;
            DROP TABLE p;
            CREATE TEMP TABLE c AS SELECT bucket / 2 AS b, MIN(running) AS running, AVG(loss) AS loss, AVG(consensus) AS consensus, MAX(spread) AS spread,
                AVG(steps) AS steps, AVG(samples) AS samples, AVG(bytes) AS bytes, SUM(averaged) AS averaged, SUM(failed) AS failed FROM cluster WHERE run = $0 GROUP BY b;
            DELETE FROM cluster WHERE run = $0;
            INSERT INTO cluster SELECT $0, b, running, loss, consensus, spread, steps, samples, bytes, averaged, failed FROM c;
            DROP TABLE c;
            UPDATE run SET width = width * 2 WHERE id = $0;
            """, _run);
        _moment.Begin(-1);
    }

    private void WriteMoment()
    {
        Moment m = _moment;
        _connection.Run(
            "INSERT OR REPLACE INTO cluster VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            _run, m.Bucket, m.Running, m.Loss, m.Consensus, m.Spread, m.Steps, m.Samples, m.Bytes, m.Averaged, m.Failed);
        for (int i = 0; i < _ids.Length; i++)
        {
            if (m.LossOf(i) is not null || m.ClockOf(i) is not null)
                _connection.Run("INSERT OR REPLACE INTO point VALUES ($0, $1, $2, $3, $4)", _run, m.Bucket, _ids[i], m.LossOf(i), m.ClockOf(i));
        }
    }

    private void WriteEvents(IReadOnlyList<RunEvent> events)
    {
        foreach (RunEvent e in events)
            _connection.Run("INSERT INTO event (run, at, node, kind, text) VALUES ($0, $1, $2, $3, $4)", _run, e.At.ToUnixTimeMilliseconds(), e.Node, (int)e.Kind, e.Text);
        if (events.Count > 0)
            _connection.Run("DELETE FROM event WHERE run = $0 AND id <= (SELECT id FROM event WHERE run = $0 ORDER BY id DESC LIMIT 1 OFFSET $1)", _run, MostEvents);
    }
}

/// <summary>Which life of a node is known, and the last of its exchanges that was counted.</summary>
/// <param name="Incarnation">The life.</param>
/// <param name="LastExchange">The number of the exchange.</param>
public readonly record struct NodeLife(ulong Incarnation, long LastExchange);
