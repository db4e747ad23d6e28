using System.ComponentModel.DataAnnotations;

namespace KeyPortal.Access;

/// <summary>Settings <c>KeyPortal:Sessions:*</c>.</summary>
public sealed class SessionSettings
{
    public const string Section = "KeyPortal:Sessions";

    /// <summary>A session that nobody used for so long is over.</summary>
    [Range(1, 1440, ErrorMessage = "KeyPortal:Sessions:IdleMinutes must be from 1 to 1,440.")]
    public int IdleMinutes { get; set; } = 60;

    /// <summary>A session is over after so long, however much it is used.</summary>
    [Range(1, 720, ErrorMessage = "KeyPortal:Sessions:MaxHours must be from 1 to 720.")]
    public int MaxHours { get; set; } = 12;

    /// <summary>How long after showing all factors a person may still change them, without showing them again.</summary>
    [Range(1, 60, ErrorMessage = "KeyPortal:Sessions:FreshMinutes must be from 1 to 60.")]
    public int FreshMinutes { get; set; } = 10;

    public TimeSpan Idle => TimeSpan.FromMinutes(IdleMinutes);

    public TimeSpan Longest => TimeSpan.FromHours(MaxHours);

    public TimeSpan Fresh => TimeSpan.FromMinutes(FreshMinutes);
}
