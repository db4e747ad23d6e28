using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KeyPortal.Api.BulkCalls;
using KeyPortal.Api.KeyCalls;
using KeyPortal.Api.LeakCalls;
using KeyPortal.Api.PolicyCalls;
using KeyPortal.Api.SignInCalls;
using KeyPortal.Api.ValidationCalls;

namespace KeyPortal.Api;

/// <summary>How bodies are read: snake_case and strict, so that an unknown field is an error and not a silent nothing. Answers are written by hand.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ValidateBody))]
[JsonSerializable(typeof(BatchBody))]
[JsonSerializable(typeof(KeyBody))]
[JsonSerializable(typeof(LeakedBody))]
[JsonSerializable(typeof(IReadOnlyList<ScanningAlert>))]
[JsonSerializable(typeof(BulkBody))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(RevokeBody))]
[JsonSerializable(typeof(RotateBody))]
[JsonSerializable(typeof(EmptyBody))]
[JsonSerializable(typeof(PolicyBody))]
[JsonSerializable(typeof(CatalogueBody))]
[JsonSerializable(typeof(TiersBody))]
[JsonSerializable(typeof(DeclineBody))]
[JsonSerializable(typeof(LoginBody))]
[JsonSerializable(typeof(SecondStepBody))]
[JsonSerializable(typeof(RefreshBody))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>For bodies of others' making, who may add a field without asking.</summary>
    public static ApiJson Lenient { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip });
}
