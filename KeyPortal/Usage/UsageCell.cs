using KeyPortal.Keys;

namespace KeyPortal.Usage;

/// <summary>
/// What is counted together: one key's (one secret version's) validations with one code in one minute. <paramref name="Minute"/> counts whole
/// minutes since 1970 UTC; <paramref name="KeyId"/> is empty where the presented key was malformed or unknown.
/// </summary>
internal readonly record struct UsageCell(int Minute, string OrganizationId, string KeyId, int SecretVersion, ValidationCode Code)
{
    public static UsageCell Of(in UsageEvent validation) =>
        new(UsageTime.MinuteOf(validation.At), validation.OrganizationId, validation.KeyId ?? "", validation.SecretVersion, validation.Code);

    /// <summary>The hour's first minute stands for the whole hour: coarser in time, the same in every total.</summary>
    public UsageCell InHour() => this with { Minute = Minute / UsageTime.MinutesPerHour * UsageTime.MinutesPerHour };

    /// <summary>The organization's count alone.</summary>
    public UsageCell WithoutKey() => this with { KeyId = "", SecretVersion = 0 };

    // One string is hashed and not two: a key belongs to one organization.
    public override int GetHashCode() =>
        HashCode.Combine((KeyId.Length > 0 ? KeyId : OrganizationId).GetHashCode(StringComparison.Ordinal), Minute, SecretVersion, (int)Code);
}

/// <summary>Usage is kept by whole minutes and hours since 1970 UTC: numbers that mean the same on every provider and that SQL can divide.</summary>
internal static class UsageTime
{
    public const int MinutesPerHour = 60;
    public const int HoursPerDay = 24;

    public static int MinuteOf(DateTimeOffset at) => (int)((at.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMinute);

    public static int HourOf(DateTimeOffset at) => MinuteOf(at) / MinutesPerHour;

    public static int DayOf(DateTimeOffset at) => HourOf(at) / HoursPerDay;

    public static DateTimeOffset AtMinute(int minute) => DateTimeOffset.UnixEpoch.AddMinutes(minute);
}
