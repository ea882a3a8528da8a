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
    private const int SQLITE_PERM = 3, SQLITE_READONLY = 8, SQLITE_CANTOPEN = 14;

    /// <summary>KiB of pages that a connection keeps. Who writes touches two indexes at random; who reads goes along the rows, and the system keeps the file.</summary>
    private const int WritingCache = 65536, ReadingCache = 16384;

    private const string Schema = """
        create table if not exists manifests(id integer primary key, job blob not null unique, content blob not null, step text not null, key text not null, json blob not null);
        create index if not exists manifests_content on manifests(content);
        create table if not exists items(step text not null, key text not null, manifest integer not null, viewed integer not null default 0, primary key(step, key)) without rowid;
        create table if not exists views(path text primary key, step text not null, key text not null) without rowid;
        create index if not exists views_item on views(step, key);
        create table if not exists failures(job blob primary key, step text not null, key text not null, json blob not null) without rowid;
        create index if not exists failures_item on failures(step, key);
        create table if not exists attempts(job blob not null, n integer not null, json blob not null, primary key(job, n)) without rowid;
        """;

    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private readonly Lock _lock = new();

    /// <param name="wal">False on file systems that cannot share memory between processes, such as NFS.</param>
    public StateDatabase(string path, bool write, bool wal = true)
    {
        _path = path;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = write ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite }.ToString());
        Open();
        Execute($"pragma journal_mode={(wal ? "wal" : "delete")}; pragma synchronous=normal; pragma busy_timeout=30000; pragma cache_size=-{(write ? WritingCache : ReadingCache)}; pragma temp_store=memory;");
        if (!write) return;
        CheckVersion(path);
        Execute(Schema + $"pragma user_version={SchemaVersion};");
    }

    private StateDatabase(string path, SqliteOpenMode mode, bool immutable)
    {
        // An immutable database is read without its lock files, which a folder that may not be written cannot hold.
        var source = immutable ? $"file:{Uri.EscapeDataString(Path.GetFullPath(path)).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1" : path;
        _path = path;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Pooling = false, Mode = mode }.ToString());
        Open();
        Execute($"pragma busy_timeout=30000; pragma cache_size=-{ReadingCache}; pragma temp_store=memory; pragma query_only=1;");
    }

    /// <summary>Opens records to look at them, also while a run writes them and where nothing may be written; null where there are none.</summary>
    public static StateDatabase? OpenToRead(string path)
    {
        if (!File.Exists(path)) return null;
        StateDatabase? database = null;
        try
        {
            try
            {
                database = new StateDatabase(path, SqliteOpenMode.ReadWrite, immutable: false);
                _ = database.Scalar("select count(*) from sqlite_master");
            }
            catch (StateException error) when (error.Code is SQLITE_READONLY or SQLITE_CANTOPEN or SQLITE_PERM)
            {
                database?.Dispose();
                database = new StateDatabase(path, SqliteOpenMode.ReadOnly, immutable: true);
            }
            database.CheckVersion(path);
            // A run that was killed in its first moment leaves a file without tables.
            if (database.Scalar("select 1 from sqlite_master where name='attempts'") is not null) return database;
        }
        catch
        {
            database?.Dispose();
            throw;
        }
        database.Dispose();
        return null;
    }

    private void CheckVersion(string path)
    {
        var version = (long)Scalar("pragma user_version")!;
        if (version > SchemaVersion)
            throw new YunpipeException(new("YP3003", $"“{path}” was written by a newer Yunpipe (format {version}, this one knows {SchemaVersion}).", null, "Use the newer version on this output."));
    }

    public void Execute(string sql) => Change(sql);

    /// <summary>Runs a statement; the number of rows that it changed.</summary>
    public int Change(string sql, params ReadOnlySpan<object?> values)
    {
        lock (_lock)
            try
            {
                return Bind(sql, values).ExecuteNonQuery();
            }
            catch (SqliteException error)
            {
                throw new StateException(error, _path);
            }
    }

    public object? Scalar(string sql, params ReadOnlySpan<object?> values)
    {
        lock (_lock)
            try
            {
                return Bind(sql, values).ExecuteScalar();
            }
            catch (SqliteException error)
            {
                throw new StateException(error, _path);
            }
    }

    /// <summary>The first row through <paramref name="read"/>, or default.</summary>
    public T? First<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        lock (_lock)
            try
            {
                using var reader = Bind(sql, values).ExecuteReader();
                return reader.Read() ? read(reader) : default;
            }
            catch (SqliteException error)
            {
                throw new StateException(error, _path);
            }
    }

    public List<T> All<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        lock (_lock)
            try
            {
                var rows = new List<T>();
                using var reader = Bind(sql, values).ExecuteReader();
                while (reader.Read()) rows.Add(read(reader));
                return rows;
            }
            catch (SqliteException error)
            {
                throw new StateException(error, _path);
            }
    }

    public static Manifest ReadManifest(SqliteDataReader reader, int column = 0) => ManifestReader.Read(Bytes(reader, column));

    public static FailureRecord ReadFailure(SqliteDataReader reader, int column = 0) =>
        JsonSerializer.Deserialize(Bytes(reader, column), RecordJson.Default.FailureRecord)!;

    public static AttemptRecord ReadAttempt(SqliteDataReader reader, int column = 0) =>
        JsonSerializer.Deserialize(Bytes(reader, column), RecordJson.Default.AttemptRecord)!;

    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _connection.Dispose();
    }

    private void Open()
    {
        try
        {
            _connection.Open();
        }
        catch (SqliteException error)
        {
            throw new StateException(error, _path);
        }
    }

    public static byte[] Bytes(SqliteDataReader reader, int column) =>
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
