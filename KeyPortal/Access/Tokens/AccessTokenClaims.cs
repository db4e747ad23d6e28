using System.Text.Json.Serialization;

namespace KeyPortal.Access.Tokens;

/// <summary>
/// What a member's access token says, in the manner of RFC 9068 (there are no OAuth clients, so no <c>client_id</c>). All of it is required and nothing
/// else may stand there. The instants are whole seconds since 1970.
/// </summary>
/// <param name="Iss">The issuer: this instance's public address.</param>
/// <param name="Aud">Who may take it: the issuer's API.</param>
/// <param name="Sub">The account (<c>usr_…</c>).</param>
/// <param name="Sid">The session, which must still be live.</param>
/// <param name="Gen">The session's generation, which must still be the same: a change of the person's rights raises it.</param>
/// <param name="Jti">128 random bits: no two tokens are alike.</param>
/// <param name="Iat">When it was made.</param>
/// <param name="Nbf">The same.</param>
/// <param name="Exp">The first second at which it is worth nothing.</param>
internal sealed record AccessTokenClaims(string Iss, string Aud, string Sub, string Sid, int Gen, string Jti, long Iat, long Nbf, long Exp);

/// <summary>Strict: a claim that is missing, unknown, repeated, null or of another kind is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AccessTokenClaims))]
internal sealed partial class TokenJson : JsonSerializerContext;
