using System.Text.Json;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api.ValidationCalls;

/// <summary>
/// <c>POST /api/v1/introspect</c>, OAuth 2.0 token introspection (RFC 7662): for programs that know the standard and not KeyPortal. A refusal of any kind is
/// <c>{"active":false}</c> and nothing else (RFC 7662, 2.2): the caller learns nothing about a token that is not good.
/// </summary>
internal sealed class IntrospectEndpoint(KeyValidator validator, ApiCallers callers, PermissionGate gate)
{
    private const string FormType = "application/x-www-form-urlencoded";

    private static readonly Refusal WrongMediaType = new(RefusalKind.Malformed, ProblemAnswer.UnsupportedMediaType, $"Send the body as {FormType}.");

    private static readonly Refusal NoToken = new(RefusalKind.Malformed, "invalid_request", "Send the key to be looked at as the form's field token, once.");

    private static readonly Refusal TooLarge = new(RefusalKind.Malformed, ProblemAnswer.TooLarge, $"The body may have {JsonBody.DefaultLimit / 1024} KiB at most.");

    public async Task HandleAsync(HttpContext context) =>
        await ApiCall.AnswerAsync(context, await ApiCall.DecideAsync<ValidationResult>(context, callers, gate, async actor =>
            (await ReadTokenAsync(context.Request)).Succeeded(out var token, out var refusal)
                ? await validator.ValidateAsync(actor.OrganizationId, new ValidationRequest { Key = token, Fresh = ValidateEndpoint.WantsFresh(context) }, context.RequestAborted)
                : refusal), Write);

    private static async Task<Outcome<string>> ReadTokenAsync(HttpRequest request)
    {
        if (!request.HasFormContentType || request.ContentType?.StartsWith(FormType, StringComparison.OrdinalIgnoreCase) != true)
        {
            return WrongMediaType;
        }

        try
        {
            var form = await request.ReadFormAsync(new() { BufferBodyLengthLimit = JsonBody.DefaultLimit, ValueLengthLimit = JsonBody.DefaultLimit }, request.HttpContext.RequestAborted);
            return request.ContentLength > JsonBody.DefaultLimit ? TooLarge : form["token"] is [{ Length: > 0 } token] ? token : NoToken;
        }
        catch (InvalidDataException)
        {
            return TooLarge;
        }
        catch (NotSupportedException)
        {
            // The charset is one that .NET knows and does not read any more: UTF-7.
            return WrongMediaType;
        }
    }

    private static void Write(Utf8JsonWriter json, ValidationResult result)
    {
        json.WriteStartObject();
        json.WriteBoolean("active"u8, result.IsValid);
        if (result is { IsValid: true, Key: { } key })
        {
            WriteActive(json, key);
        }

        json.WriteEndObject();
    }

    /// <summary>The standard's own members where they mean the same, ours beside them.</summary>
    private static void WriteActive(Utf8JsonWriter json, KeySnapshot key)
    {
        json.WriteString("scope"u8, string.Join(' ', key.Scopes));
        json.WriteString("client_id"u8, key.KeyId);
        json.WriteString("sub"u8, key.OwnerId);
        json.WriteString("token_type"u8, "api_key"u8);
        if (key.ExpiresAt is { } end)
        {
            json.WriteNumber("exp"u8, end.ToUnixTimeSeconds());
        }

        if (key.NotBefore is { } start)
        {
            json.WriteNumber("nbf"u8, start.ToUnixTimeSeconds());
        }

        json.WriteString("key_id"u8, key.KeyId);
        json.WriteString("organization_id"u8, key.OrganizationId);
        json.WriteString("environment"u8, SnakeCase.Of(key.Environment));
    }
}
