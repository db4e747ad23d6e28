using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Storage;

/// <summary>
/// The store cannot take a change now: the disk is full, read-only or gone. Nothing of the act was kept. An outage and not a refusal, so an
/// exception; the API answers 503 and a page says the message.
/// </summary>
public sealed class StorageUnavailableException(string message, Exception inner) : Exception(message, inner)
{
    // https://www.sqlite.org/rescode.html
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteReadOnly = 8;
    private const int SqliteIoError = 10;
    private const int SqliteFull = 13;
    private const int SqliteCantOpen = 14;

    /// <summary>The outage behind an exception of the store, or null when it is something else: a bug, most likely.</summary>
    public static StorageUnavailableException? From(Exception exception)
    {
        if (exception is StorageUnavailableException already)
        {
            return already;
        }

        var cause = exception as DbException ?? exception.InnerException as DbException;
        if (cause is not SqliteException sqlite)
        {
            return null;
        }

        var sentence = sqlite.SqliteErrorCode switch
        {
            SqliteFull => "The disk that holds KeyPortal's data is full. Nothing was changed; try again once there is room.",
            SqliteReadOnly => "KeyPortal's data is read-only at the moment. Nothing was changed; try again once it can be written.",
            SqliteIoError => "The disk that holds KeyPortal's data does not answer. Nothing was changed; try again when it does.",
            SqliteCantOpen => "KeyPortal's data cannot be opened at the moment. Nothing was changed; try again shortly.",
            SqliteBusy or SqliteLocked => "KeyPortal's data is busy. Nothing was changed; try again shortly.",
            _ => null,
        };
        return sentence is null ? null : new StorageUnavailableException(sentence, exception);
    }
}
