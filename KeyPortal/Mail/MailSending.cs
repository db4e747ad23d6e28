using System.Net.Mail;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Mail;

/// <summary>
/// Sends what waits in the outbox, one mail at a time: at once when a commit added one, and every few seconds for those that are due again. A mail is
/// sent at least once: killed between the server's yes and the row's end, it goes out again under the same Message-ID.
/// </summary>
internal sealed partial class MailSending(MailQueue queue, Outbox outbox, MailDelivery delivery, CommitSignals signals, ILogger<MailSending> logger) : BackgroundService
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestSend = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestAtStop = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _added = new(0, 1);
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Handed over, but the row could not be removed yet.</summary>
    private readonly HashSet<string> _sent = new(StringComparer.Ordinal);

    public override void Dispose()
    {
        signals.Committed -= OnCommitted;
        base.Dispose();
        _added.Dispose();
        _turn.Dispose();
    }

    /// <summary>Works off what is due. Two at once take turns.</summary>
    internal async Task SendDueAsync(CancellationToken stoppingToken)
    {
        await _turn.WaitAsync(stoppingToken);
        try
        {
            while (!stoppingToken.IsCancellationRequested && await queue.NextAsync(stoppingToken) is { } mail)
            {
                await SendAsync(mail, stoppingToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (delivery.Way == MailWay.Nowhere)
        {
            Log.NoServer(logger);
        }

        signals.Committed += OnCommitted;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SendDueAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // The database, most likely. Without this one bad moment would end all sending, and with it the program.
                Log.RoundFailed(logger, StorageUnavailableException.From(e) ?? e);
            }

            await _added.WaitAsync(LooksEvery, stoppingToken);
        }
    }

    private async Task SendAsync(OutgoingMail mail, CancellationToken stoppingToken)
    {
        if (!_sent.Contains(mail.Id))
        {
            if (outbox.Open(mail) is not { } letter)
            {
                Log.Unreadable(logger, mail.Id);
            }
            else if (letter.To != Letter.Nobody && await TryHandOverAsync(mail, letter, stoppingToken) is { } cause)
            {
                if (await queue.PostponeAsync(mail, cause))
                {
                    Log.Postponed(logger, mail.Id, mail.Attempts + 1, cause);
                    return;
                }

                Log.GivenUp(logger, mail.Id, mail.CreatedAt, cause);
            }

            _sent.Add(mail.Id);
        }

        await queue.RemoveAsync(mail);
        _sent.Remove(mail.Id);
    }

    /// <summary>Null when the server took the mail, else why it did not. A stop lets the mail under way finish, if it does soon.</summary>
    private async Task<string?> TryHandOverAsync(OutgoingMail mail, Letter letter, CancellationToken stoppingToken)
    {
        // A client of SMTP has a time limit of its own for synchronous calls only.
        using var patience = new CancellationTokenSource(LongestSend);
        await using var hurry = stoppingToken.Register(() => patience.CancelAfter(LongestAtStop));
        try
        {
            await delivery.SendAsync(mail.Id, letter, patience.Token);
            return null;
        }
        catch (Exception e) when (e is SmtpException or OperationCanceledException or IOException or InvalidOperationException or FormatException)
        {
            return Cause(e);
        }
    }

    /// <summary>Why, without an address: servers like to repeat the recipient's.</summary>
    private static string Cause(Exception exception)
    {
        var inner = exception.GetBaseException();
        return exception switch
        {
            OperationCanceledException => "the mail server did not answer in time",
            SmtpException { StatusCode: not SmtpStatusCode.GeneralFailure } refused => $"the mail server answered {(int)refused.StatusCode} ({refused.StatusCode})",
            _ => inner.Message.Contains('@', StringComparison.Ordinal) ? inner.GetType().Name : inner.Message,
        };
    }

    private void OnCommitted(object signal)
    {
        if (signal is MailAdded && _added.CurrentCount == 0)
        {
            try
            {
                _added.Release();
            }
            catch (SemaphoreFullException)
            {
                // Another commit woke it meanwhile.
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "No mail server is set (KeyPortal:Mail:Host), so nothing is mailed: whoever forgets a password needs somebody at this server, and invitations are links to pass on")]
        public static partial void NoServer(ILogger logger);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {MailId} was not sent at attempt {Attempt}: {Cause}")]
        public static partial void Postponed(ILogger logger, string mailId, int attempt, string cause);

        [LoggerMessage(Level = LogLevel.Error, Message = "Mail {MailId} of {CreatedAt:u} is given up: {Cause}")]
        public static partial void GivenUp(ILogger logger, string mailId, DateTimeOffset createdAt, string cause);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {MailId} was sealed with keys that this data directory does not have, and is dropped")]
        public static partial void Unreadable(ILogger logger, string mailId);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting mails could not be looked at")]
        public static partial void RoundFailed(ILogger logger, Exception exception);
    }
}
