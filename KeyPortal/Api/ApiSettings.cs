using System.ComponentModel.DataAnnotations;
using KeyPortal.Limits;

namespace KeyPortal.Api;

/// <summary>From where keys are taken over plain http.</summary>
internal enum KeysOverHttp
{
    /// <summary>From this machine.</summary>
    Local,

    /// <summary>From private addresses too: gateways inside a network talk plain http.</summary>
    Private,
    Any,
}

/// <summary>Settings <c>KeyPortal:Api:*</c>.</summary>
internal sealed class ApiSettings
{
    public const string Section = "KeyPortal:Api";

    /// <summary>Management calls a minute for each credential; 0 for no limit.</summary>
    [Range(0L, LimitRules.MaxLimit, ErrorMessage = "KeyPortal:Api:RequestsPerMinute must be a whole number from 0, for no limit, to 1,000,000,000.")]
    public long RequestsPerMinute { get; set; } = 600;

    /// <summary><c>local</c>, <c>private</c> or <c>any</c>.</summary>
    [RegularExpression("local|private|any", ErrorMessage = "KeyPortal:Api:KeysOverHttp must be local, private or any.")]
    public string KeysOverHttp { get; set; } = "private";

    public KeysOverHttp ParseKeysOverHttp() => Enum.Parse<KeysOverHttp>(KeysOverHttp, ignoreCase: true);
}
