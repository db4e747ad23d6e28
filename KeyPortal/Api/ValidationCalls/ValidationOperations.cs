using KeyPortal.Api.Description;
using KeyPortal.Primitives;

namespace KeyPortal.Api.ValidationCalls;

/// <summary>What the description says of the calls that ask about a key.</summary>
internal static class ValidationOperations
{
    private const string Tag = "validation";

    public static readonly ApiOperation Validate = new(Tag, "validateKey", "Decide whether a key may do this, now", "Validation")
    {
        Act = Act.ValidateKeys,
        Body = "ValidateRequest",
        Problems = [403, 413, 415, 422],
    };

    public static readonly ApiOperation ValidateBatch = new(Tag, "validateKeys", "Decide on up to a hundred keys at once, in the order asked", "ValidationBatch")
    {
        Act = Act.ValidateKeys,
        Body = "BatchRequest",
        Problems = [403, 413, 415, 422],
    };

    public static readonly ApiOperation Introspect = new(Tag, "introspect", "The same for programs that know RFC 7662", "Introspection")
    {
        Act = Act.ValidateKeys,
        Body = "IntrospectRequest",
        BodyType = "application/x-www-form-urlencoded",
        Problems = [403, 413, 415],
    };

    public static readonly ApiOperation ForwardAuth = new(Tag, "forwardAuth", "The same for gateways: the status is the decision", null)
    {
        Act = Act.ValidateKeys,
        Credential = ApiCredential.Gateway,
        Success = StatusCodes.Status204NoContent,
        Parameters = ForwardedDemand.Parameters,
        Headers = ForwardAuthEndpoint.AnswerHeaders,
        Problems = [401, 403, 422, 429],
    };

    public static readonly ApiOperation WhoAmI = new(Tag, "whoAmI", "Tell a key who it is; needs no scope", "Self") { NeedsNoActBecause = "every good key may know itself", Credential = ApiCredential.Key };
}
