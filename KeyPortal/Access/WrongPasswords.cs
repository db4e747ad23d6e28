using Microsoft.AspNetCore.Identity;

namespace KeyPortal.Access;

/// <summary>
/// Counts wrong passwords in a row and locks the account. Written here and not by the framework's <c>UserManager</c>, which reads the machine's
/// clock and drops all but one of several counts made at once.
/// </summary>
internal static class WrongPasswords
{
    public const int Most = 5;
    public static readonly TimeSpan LockFor = TimeSpan.FromMinutes(15);

    public static bool IsLocked(IdentityUser user, DateTimeOffset now) => user.LockoutEnd > now;

    public static void Note(IdentityUser user, bool right, DateTimeOffset now)
    {
        user.AccessFailedCount = right ? 0 : user.AccessFailedCount + 1;
        user.LockoutEnd = null;
        if (user.AccessFailedCount >= Most)
        {
            (user.AccessFailedCount, user.LockoutEnd) = (0, now + LockFor);
        }
    }
}
