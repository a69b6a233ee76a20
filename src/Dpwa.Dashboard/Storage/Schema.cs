using Dpwa.Launch;
using Microsoft.Data.Sqlite;

namespace Dpwa.Dashboard.Storage;

/// <summary>The tables of the file, and how it is opened.</summary>
internal static class Schema
{
    private const int Version = 1;
    private const int NotADatabase = 26;

    private const string Tables = """
        CREATE TABLE run (id INTEGER PRIMARY KEY, title TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL, width INTEGER NOT NULL);
        CREATE TABLE node (run INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, life TEXT NOT NULL DEFAULT '', last INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (run, id)) WITHOUT ROWID;
        CREATE TABLE point (run INTEGER NOT NULL, bucket INTEGER NOT NULL, node INTEGER NOT NULL, loss REAL, clock REAL, PRIMARY KEY (run, bucket, node)) WITHOUT ROWID;
        CREATE TABLE cluster (run INTEGER NOT NULL, bucket INTEGER NOT NULL, running INTEGER NOT NULL, loss REAL, consensus REAL, spread REAL, steps REAL, samples REAL, bytes REAL,
            averaged INTEGER NOT NULL, failed INTEGER NOT NULL, PRIMARY KEY (run, bucket)) WITHOUT ROWID;
        CREATE TABLE edge (run INTEGER NOT NULL, source INTEGER NOT NULL, target INTEGER NOT NULL, averaged INTEGER NOT NULL, failed INTEGER NOT NULL, PRIMARY KEY (run, source, target)) WITHOUT ROWID;
        CREATE TABLE event (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, at INTEGER NOT NULL, node TEXT NOT NULL, kind INTEGER NOT NULL, text TEXT NOT NULL);
        CREATE INDEX event_of_run ON event (run, id);
        """;

    /// <summary>Opens the file, with our tables in it.</summary>
    /// <exception cref="LaunchException">It is another file, or cannot be read or written.</exception>
    public static SqliteConnection Open(string path, bool create)
    {
        if (!create && !File.Exists(path))
            throw new LaunchException($"There is no {path}, so no run has been kept: 'dpwa dashboard' keeps them while it runs. Give another file with --data.");
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        try
        {
            connection.Open();
            // A reader never waits for the writer, nor the writer for the disk: what a power cut takes is the last seconds.
            connection.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
            switch (connection.Number("PRAGMA user_version"))
            {
                case 0:
                    using (SqliteTransaction all = connection.BeginTransaction())
                    {
                        connection.Run(Tables);
                        connection.Run($"PRAGMA user_version = {Version}");
                        all.Commit();
                    }

                    return connection;
                case Version:
                    return connection;
                default:
                    throw new LaunchException($"{path} was written by another version of dpwa: give another file with --data.");
            }
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new LaunchException(e.SqliteErrorCode == NotADatabase ? $"{path} is no file of runs: give another with --data." : $"Cannot use {path}: {e.Message.TrimEnd('.')}. Give another file with --data.", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
