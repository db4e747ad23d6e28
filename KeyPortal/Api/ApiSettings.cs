using System.ComponentModel.DataAnnotations;
using KeyPortal.Limits;

namespace KeyPortal.Api;

/// <summary>Settings <c>KeyPortal:Api:*</c>.</summary>
internal sealed class ApiSettings
{
    public const string Section = "KeyPortal:Api";

    /// <summary>Management calls a minute for each credential; 0 for no limit.</summary>
    [Range(0L, LimitRules.MaxLimit, ErrorMessage = "KeyPortal:Api:RequestsPerMinute must be a whole number from 0, for no limit, to 1,000,000,000.")]
    public long RequestsPerMinute { get; set; } = 600;
}
