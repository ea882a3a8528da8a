using Microsoft.Data.Sqlite;
using Yunpipe.Work;

namespace Yunpipe.Local.Stores;

/// <summary>The records could not be read or written: trouble of the disk like any other, so that one word stands for it everywhere.</summary>
internal sealed class StateException(SqliteException cause, string path) : IOException(Words(cause, path), cause)
{
    private const int SQLITE_IOERR = 10, SQLITE_FULL = 13;

    /// <summary>SQLite's result code.</summary>
    public int Code { get; } = cause.SqliteErrorCode;

    private static string Words(SqliteException cause, string path) =>
        // Where the shared memory file finds no room, SQLite speaks of an input/output error.
        cause.SqliteErrorCode == SQLITE_FULL || (cause.SqliteErrorCode == SQLITE_IOERR && DiskRoom.IsFull(path))
            ? $"No space left on device : '{path}'" : $"The records “{path}” cannot be used: {cause.Message}";
}
