using Microsoft.Data.Sqlite;

namespace Dpwa.Dashboard.Storage;

/// <summary>Statements in one line. Values are parameters, $0 and so on, never text.</summary>
internal static class Sql
{
    public static void Run(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = connection.Command(sql, values);
        command.ExecuteNonQuery();
    }

    public static long Number(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = connection.Command(sql, values);
        return (long)command.ExecuteScalar()!;
    }

    public static List<T> Rows<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = connection.Command(sql, values);
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    public static float? Real(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : (float)row.GetDouble(column);

    public static DateTimeOffset Time(this SqliteDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

#pragma warning disable CA2100 // All statements are constants of ours.
    private static SqliteCommand Command(this SqliteConnection connection, string sql, ReadOnlySpan<object?> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue($"${i}", values[i] ?? DBNull.Value);
        return command;
    }
#pragma warning restore CA2100
}
