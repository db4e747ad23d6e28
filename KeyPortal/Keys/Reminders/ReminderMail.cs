using System.Text;
using KeyPortal.Access;
using KeyPortal.Mail;
using KeyPortal.Storage;

namespace KeyPortal.Keys.Reminders;

/// <summary>What a reminder says.</summary>
public sealed class ReminderMail(Outbox outbox, PublicAddress address)
{
    /// <summary>A mail that nobody reads to its end helps nobody; the rest is on the keys page.</summary>
    public const int MostKeys = 50;

    /// <summary>Adds one mail about all of a recipient's keys, the most urgent first.</summary>
    internal void Add(WriteTransaction write, string to, string organization, IReadOnlyList<(DueReminder Due, bool IsOwners)> reminders)
    {
        var ordered = reminders.OrderBy(r => r.Due.At).ThenBy(r => r.Due.Key.Name, StringComparer.Ordinal).ToList();
        var text = new StringBuilder($"In the organization “{Outbox.NameInText(organization)}”:\n\n");
        foreach (var (due, isOwners) in ordered.Take(MostKeys))
        {
            text.Append($"- {Line(due, write.Now)}{(isOwners ? "" : " Its owner is no longer an active member, so this mail goes to you.")}\n  {address.Link($"/keys/{due.Key.Id}")}\n\n");
        }

        if (ordered.Count > MostKeys)
        {
            text.Append($"And {ordered.Count - MostKeys:N0} more: {address.Link("/keys?sort=expires_at")}\n\n");
        }

        text.Append("An expiry can be put off as long as it has not passed: edit the key. A rotation gives a key a new secret while the old one goes on working for a while.");
        outbox.Add(write, to, Subject(ordered.ConvertAll(r => r.Due), write.Now), text.ToString());
    }

    private static string Subject(List<DueReminder> due, DateTimeOffset now) => due switch
    {
        [{ Deadline: Deadline.Expiry } one] => $"An API key expires {In(one.At - now)}",
        [var one] when one.At > now => $"An API key's secret is due for rotation {In(one.At - now)}",
        [_] => "An API key's secret is overdue for rotation",
        _ => $"{due.Count} deadlines of API keys",
    };

    private static string Line(DueReminder due, DateTimeOffset now)
    {
        var key = $"“{Outbox.NameInText(due.Key.Name)}” ({due.Key.Start}…)";
        var day = $"{due.At:d MMMM yyyy} at {due.At:HH:mm} UTC";
        return due.Deadline switch
        {
            Deadline.Expiry => $"{key} expires on {day}, {In(due.At - now)}. From then on calls with it are refused.",
            _ when due.At > now => $"The secret of {key} should be rotated by {day}, {In(due.At - now)}.",
            _ => $"The secret of {key} should have been rotated by {day}.",
        };
    }

    /// <summary>Rounded to whole days, as people count them; the exact instant stands beside it.</summary>
    private static string In(TimeSpan left) => Math.Round(left.TotalDays) switch
    {
        < 1 => "in less than a day",
        1 => "in 1 day",
        var days => $"in {days:N0} days",
    };
}
