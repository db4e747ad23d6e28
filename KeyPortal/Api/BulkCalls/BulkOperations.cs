using KeyPortal.Api.Description;

namespace KeyPortal.Api.BulkCalls;

/// <summary>What the description says of the call that changes many keys.</summary>
internal static class BulkOperations
{
    public static readonly ApiOperation Act = new("keys", "changeKeys", "Revoke, disable, rotate or tag many keys, after a preview", "BulkResult")
    {
        Act = Primitives.Act.ChangeKeys,
        Body = "BulkRequest",
        IsIdempotent = true,
        Problems = [403, 409, 413, 415, 422],
    };
}
