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

    public static readonly ApiOperation WhoAmI = new(Tag, "whoAmI", "Tell a key who it is; needs no scope", "Self") { NeedsNoActBecause = "every good key may know itself" };
}
