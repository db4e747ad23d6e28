using System.Text.Json;
using System.Text.Json.Serialization;

namespace KeyPortal.Api;

/// <summary>The wire format: snake_case, strict (an unknown field is an error, not a silent nothing), enums by name.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ValidateBody))]
internal sealed partial class ApiJson : JsonSerializerContext;
