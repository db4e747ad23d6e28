using Microsoft.Extensions.Options;

namespace KeyPortal.Keys.Imports;

/// <summary>Settings <c>KeyPortal:Import:*</c>.</summary>
public sealed class ImportSettings
{
    public const string Section = "KeyPortal:Import";
    public const int MaxHmacKeys = 16;

    /// <summary>The keys of imported HMACs by their id, in base64: <c>KeyPortal__Import__HmacKeys__legacy=…</c>. Settings do not tell upper from lower case, so ids do not either.</summary>
    public Dictionary<string, string> HmacKeys { get; } = new(StringComparer.OrdinalIgnoreCase);

    internal static byte[]? Decode(string? base64)
    {
        var bytes = new byte[(base64 ?? "").Length];
        return Convert.TryFromBase64String(base64 ?? "", bytes, out var length) && length > 0 ? bytes[..length] : null;
    }
}

internal sealed class ValidateImportSettings : IValidateOptions<ImportSettings>
{
    public ValidateOptionsResult Validate(string? name, ImportSettings options) =>
        options.HmacKeys.Count > ImportSettings.MaxHmacKeys ? ValidateOptionsResult.Fail($"{ImportSettings.Section}:HmacKeys may hold {ImportSettings.MaxHmacKeys} keys at most: each costs every unknown key a hash.")
        : options.HmacKeys.Where(key => ImportSettings.Decode(key.Value) is null).Select(key => $"{ImportSettings.Section}:HmacKeys:{key.Key} is no base64.").ToList() is { Count: > 0 } wrong ? ValidateOptionsResult.Fail(wrong)
        : ValidateOptionsResult.Success;
}
