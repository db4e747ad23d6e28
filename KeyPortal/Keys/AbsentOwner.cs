using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>A key whose owner has left the organization runs out; nothing that would lengthen its life is done for it.</summary>
internal static class AbsentOwner
{
    private static readonly Refusal Left = Refusal.Conflict("owner_left", "The key's owner has left the organization, so its end cannot be put off. Create another key in its place.");

    /// <summary>Null where the owner is still a member, disabled or not.</summary>
    public static async Task<Refusal?> RefuseAsync(WriteTransaction write, ApiKey key, CancellationToken cancellationToken) =>
        await write.Set<Member>().AnyAsync(m => m.OrganizationId == key.OrganizationId && m.UserId == key.OwnerId && m.State == MemberState.Removed, cancellationToken) ? Left : null;
}
