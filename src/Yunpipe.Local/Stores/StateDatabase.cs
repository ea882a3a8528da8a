using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Yunpipe.Documents;
using Yunpipe.Stores;

namespace Yunpipe.Local.Stores;

/// <summary>The records of a folder store: <c>_yunpipe/state.db</c> (docs/spec/store-layout.md). One connection writes, another reads.</summary>
internal sealed class StateDatabase : IDisposable
{
    private const int SchemaVersion = 1;
    private const string Schema = """
        create table if not exists manifests(id integer primary key, job blob not null unique, content blob not null, step text not null, key text not null, json blob not null);
        create index if not exists manifests_content on manifests(content);
        create table if not exists items(step text not null, key text not null, manifest integer not null, viewed integer not null default 0, primary key(step, key)) without rowid;
        create table if not exists views(path text primary key, step text not null, key text not null) without rowid;
        create index if not exists views_item on views(step, key);
        create table if not exists failures(job blob primary key, step text not null, key text not null, json blob not null) without rowid;
        create table if not exists attempts(job blob not null, n integer not null, json blob not null, primary key(job, n)) without rowid;
        """;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private readonly Lock _lock = new();

    /// <param name="wal">False on file systems that cannot share memory between processes, such as NFS.</param>
    public StateDatabase(string path, bool write, bool wal = true)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = write ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite }.ToString());
        _connection.Open();
        Execute($"pragma journal_mode={(wal ? "wal" : "delete")}; pragma synchronous=normal; pragma busy_timeout=30000; pragma cache_size=-65536; pragma temp_store=memory;");
        if (!write) return;
        var version = (long)Scalar("pragma user_version")!;
        if (version > SchemaVersion)
            throw new YunpipeException(new("YP3003", $"“{path}” was written by a newer Yunpipe (format {version}, this one knows {SchemaVersion}).", null, "Use the newer version on this output."));
        Execute(Schema + $"pragma user_version={SchemaVersion};");
    }

    public void Execute(string sql)
    {
        lock (_lock) Command(sql).ExecuteNonQuery();
    }

    /// <summary>Runs a statement; the number of rows that it changed.</summary>
    public int Change(string sql, params ReadOnlySpan<object?> values)
    {
        lock (_lock) return Bind(sql, values).ExecuteNonQuery();
    }

    public object? Scalar(string sql, params ReadOnlySpan<object?> values)
    {
        lock (_lock) return Bind(sql, values).ExecuteScalar();
    }

    /// <summary>The first row through <paramref name="read"/>, or default.</summary>
    public T? First<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        lock (_lock)
        {
            using var reader = Bind(sql, values).ExecuteReader();
            return reader.Read() ? read(reader) : default;
        }
    }

    public List<T> All<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        lock (_lock)
        {
            var rows = new List<T>();
            using var reader = Bind(sql, values).ExecuteReader();
            while (reader.Read()) rows.Add(read(reader));
            return rows;
        }
    }

    public static Manifest ReadManifest(SqliteDataReader reader, int column = 0) =>
        JsonSerializer.Deserialize(Bytes(reader, column), RecordJson.Default.Manifest)!;

    public static FailureRecord ReadFailure(SqliteDataReader reader, int column = 0) =>
        JsonSerializer.Deserialize(Bytes(reader, column), RecordJson.Default.FailureRecord)!;

    public static AttemptRecord ReadAttempt(SqliteDataReader reader, int column = 0) =>
        JsonSerializer.Deserialize(Bytes(reader, column), RecordJson.Default.AttemptRecord)!;

    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _connection.Dispose();
    }

    private static byte[] Bytes(SqliteDataReader reader, int column) =>
        reader.GetValue(column) switch { byte[] bytes => bytes, string text => Encoding.UTF8.GetBytes(text), var other => throw new InvalidDataException($"A record is {other.GetType().Name}.") };

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        var command = Command(sql);
        for (var i = 0; i < values.Length; i++)
        {
            if (command.Parameters.Count == i) command.Parameters.Add(new SqliteParameter($"${i + 1}", values[i] ?? DBNull.Value));
            else command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
        return command;
    }

    private SqliteCommand Command(string sql)
    {
        if (_commands.TryGetValue(sql, out var command)) return command;
        command = _connection.CreateCommand();
        command.CommandText = sql;
        return _commands[sql] = command;
    }
}
