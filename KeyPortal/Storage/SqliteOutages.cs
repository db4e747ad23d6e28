using System.Data.Common;
using KeyPortal.Primitives;
using Microsoft.Data.Sqlite;

namespace KeyPortal.Storage;

/// <summary>Tells an outage of the store from a bug, and says it in a sentence.</summary>
public static class SqliteOutages
{
    // https://www.sqlite.org/rescode.html
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteReadOnly = 8;
    private const int SqliteIoError = 10;
    private const int SqliteFull = 13;
    private const int SqliteCantOpen = 14;

    extension(StorageUnavailableException)
    {
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
}
