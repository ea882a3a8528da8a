using Microsoft.Data.Sqlite;

namespace Yunpipe.Local.Stores;

/// <summary>The records could not be read or written: trouble of the disk like any other, so that one word stands for it everywhere.</summary>
internal sealed class StateException(SqliteException cause, string path) : IOException(Words(cause, path), cause)
{
    private const int SQLITE_IOERR = 10, SQLITE_FULL = 13;

    /// <summary>Bytes below which a file system has no room for a page of records and its journal.</summary>
    private const long NoRoom = 64 << 10;

    /// <summary>SQLite's result code.</summary>
    public int Code { get; } = cause.SqliteErrorCode;

    private static string Words(SqliteException cause, string path) =>
        cause.SqliteErrorCode == SQLITE_FULL || (cause.SqliteErrorCode == SQLITE_IOERR && IsFull(path))
            ? $"No space left on device : '{path}'" : $"The records “{path}” cannot be used: {cause.Message}";

    /// <summary>Where the shared memory file finds no room, SQLite speaks of an input/output error.</summary>
    private static bool IsFull(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace < NoRoom;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
