using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>A person's own account, as that person sees it: one e-mail address and password, and a place in each of their organizations.</summary>
public sealed record OwnAccountView(string Email, IReadOnlyList<OrganizationView> Organizations, bool HasSecondFactor);

public sealed class OwnAccount(IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate, Membership membership)
{
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<OwnAccountView>> FindAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ChangeOwnAccount, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        var email = await db.Set<IdentityUser>().Where(u => u.Id == actor.MemberId).Select(u => u.Email).SingleAsync(cancellationToken);
        return new OwnAccountView(email ?? "", await membership.OfAsync(actor.MemberId, cancellationToken), await SecondFactors.HasAnyAsync(db, actor.MemberId, cancellationToken));
    }
}
