using Dpwa.Launch;
using Microsoft.Data.Sqlite;

namespace Dpwa.Dashboard.Storage;

/// <summary>Reads the runs of a file, while it is written too.</summary>
/// <param name="path">The file.</param>
public sealed class RunReader(string path)
{
    /// <summary>The runs, newest first.</summary>
    /// <exception cref="LaunchException">The file cannot be read.</exception>
    public IReadOnlyList<RunSummary> Runs()
    {
        using SqliteConnection connection = Schema.Open(path, create: false);
        return Runs(connection, RunStore.MostRuns);
    }

    /// <summary>One run; null when it is not kept.</summary>
    /// <param name="run">Its number.</param>
    /// <param name="points">How many points there may be at most: several of those that are kept become one.</param>
    /// <exception cref="LaunchException">The file cannot be read.</exception>
    public RunHistory? History(long run, int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 1);
        using SqliteConnection connection = Schema.Open(path, create: false);
        using SqliteTransaction one = connection.BeginTransaction(deferred: true);
        if (Runs(connection, RunStore.MostRuns).FirstOrDefault(kept => kept.Id == run) is not { } summary)
            return null;
        long width = connection.Number("SELECT width FROM run WHERE id = $0", run);
        long last = connection.Number("SELECT COALESCE(MAX(bucket), 0) FROM cluster WHERE run = $0", run);
        long each = last / points + 1;
        List<(long Bucket, float?[] Values)> rows = Cluster(connection, run, each);
        Dictionary<long, int> places = rows.Select((row, place) => (row.Bucket, place)).ToDictionary(row => row.Bucket, row => row.place);
        double seconds = width * each / 1000.0;
        return new(
            summary,
            seconds,
            [.. rows.Select(row => row.Bucket * seconds)],
            Nodes(connection, summary, each, places),
            new(Column(rows, 0), Column(rows, 1), Column(rows, 2), Column(rows, 3), Column(rows, 4), Column(rows, 5), Column(rows, 6), Column(rows, 7), Column(rows, 8)),
            connection.Rows(
                "SELECT s.name, t.name, averaged, failed FROM edge JOIN node s ON s.run = edge.run AND s.id = source JOIN node t ON t.run = edge.run AND t.id = target WHERE edge.run = $0",
                row => new Edge(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3)), run),
            connection.Rows("SELECT at, node, kind, text FROM event WHERE run = $0 ORDER BY id", row => Event(row, summary.Started), run));
    }

    internal static List<RunSummary> Runs(SqliteConnection connection, int limit)
    {
        var nodes = connection.Rows("SELECT run, name FROM node WHERE run IN (SELECT id FROM run ORDER BY id DESC LIMIT $0) ORDER BY run, id", row => (Run: row.GetInt64(0), Name: row.GetString(1)), limit)
            .ToLookup(node => node.Run, node => node.Name);
        return connection.Rows(
            "SELECT id, title, started, ended FROM run ORDER BY id DESC LIMIT $0",
            row => new RunSummary(row.GetInt64(0), row.GetString(1), row.Time(2), row.Time(3), [.. nodes[row.GetInt64(0)]]), limit);
    }

    private static List<(long Bucket, float?[] Values)> Cluster(SqliteConnection connection, long run, long each) => connection.Rows(
        """
        SELECT bucket / $1 AS b, MIN(running), AVG(loss), AVG(consensus), MAX(spread), AVG(steps), AVG(samples), AVG(bytes), SUM(averaged), SUM(failed)
        FROM cluster WHERE run = $0 GROUP BY b ORDER BY b
        """,
        row => (row.GetInt64(0), Enumerable.Range(1, 9).Select(row.Real).ToArray()), run, each);

    private static NodeSeries[] Nodes(SqliteConnection connection, RunSummary run, long each, Dictionary<long, int> places)
    {
        NodeSeries[] series = [.. run.Nodes.Select(name => new NodeSeries(name, new float?[places.Count], new float?[places.Count]))];
        connection.Rows("SELECT bucket / $1 AS b, node, AVG(loss), MAX(clock) FROM point WHERE run = $0 GROUP BY b, node", Place, run.Id, each);
        return series;

        bool Place(SqliteDataReader row)
        {
            (int place, NodeSeries node) = (places[row.GetInt64(0)], series[row.GetInt64(1)]);
            (node.Loss[place], node.Clock[place]) = (row.Real(2), row.Real(3));
            return true;
        }
    }

    private static float?[] Column(List<(long Bucket, float?[] Values)> rows, int column) => [.. rows.Select(row => row.Values[column])];

    private static RunEvent Event(SqliteDataReader row, DateTimeOffset started) =>
        new(row.Time(0), Math.Max(0, (row.Time(0) - started).TotalSeconds), row.GetString(1), (EventKind)row.GetInt32(2), row.GetString(3));
}
