using System.ComponentModel.DataAnnotations;

namespace KeyPortal.Access.Tokens;

/// <summary>Settings <c>KeyPortal:Tokens:*</c>.</summary>
public sealed class TokenSettings
{
    public const string Section = "KeyPortal:Tokens";

    /// <summary>How long one key signs access tokens before a new one takes over.</summary>
    [Range(1, 3650, ErrorMessage = "KeyPortal:Tokens:KeyLifetimeDays must be from 1 to 3,650.")]
    public int KeyLifetimeDays { get; set; } = 90;

    public TimeSpan KeyLifetime => TimeSpan.FromDays(KeyLifetimeDays);
}
