using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KeyPortal.Setup;

/// <summary>Makes an organization with its owner and its catalogue of scopes.</summary>
public sealed class Founding(Writer writer, PermissionGate gate, IOptions<PolicySettings> policy)
{
    /// <summary>How many organizations one account may own: each is a log, a catalogue and a policy that anybody could otherwise make without end.</summary>
    public const int MostOwned = 20;

    /// <summary>Founds another organization for the person who acts, under the name they go by. Refuses: a broken rule, <c>too_many_organizations</c>.</summary>
    [Needs(Act.FoundOrganization)]
    public async Task<Outcome<Actor>> FoundAsync(Actor actor, string name, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.FoundOrganization, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        name = name.Trim();
        if (TextRules.Check(name, "The organization's name", 1, Organization.MaxNameLength) is { } broken)
        {
            return Refusal.Invalid("/name", broken);
        }

        return await writer.RunAsync<Actor>(async write =>
        {
            if (await write.Set<Member>().CountAsync(m => m.UserId == actor.MemberId && m.Role == Role.Owner && m.State == MemberState.Active, cancellationToken) >= MostOwned)
            {
                return Refusal.Conflict("too_many_organizations", $"You own {MostOwned} organizations already, which is the most one person can.");
            }

            var email = await write.Set<Microsoft.AspNetCore.Identity.IdentityUser>().Where(u => u.Id == actor.MemberId).Select(u => u.Email).SingleAsync(cancellationToken);
            var owner = await BeginAsync(write, policy.Value.ToPolicy(), name, actor.MemberId, actor.Name, email!, actor.Origin, cancellationToken);
            write.Announce(new MembershipChanged(owner.OrganizationId, owner.MemberId));
            return owner with { SessionId = actor.SessionId };
        }, cancellationToken);
    }

    /// <summary>The organization itself, inside a transaction; answers with its owner.</summary>
    internal static async Task<Actor> BeginAsync(
        WriteTransaction write, OrganizationPolicy policy, string name, string ownerId, string ownerName, string email, Origin origin, CancellationToken cancellationToken)
    {
        var organization = new Organization { Id = EntityId.New(EntityId.Organization, write.Now), Name = name, CreatedAt = write.Now, Policy = policy };
        write.Set<Organization>().Add(organization);
        write.Set<Member>().Add(new Member { OrganizationId = organization.Id, UserId = ownerId, Name = ownerName, Role = Role.Owner, JoinedAt = write.Now });
        write.Set<CatalogueScope>().AddRange(CatalogueScope.ForNew(organization.Id));
        var owner = CurrentMember.ActorOf(new OrganizationView(organization.Id, organization.Name, Role.Owner, ownerName, ownerId), origin);
        await AuditLog.AppendAsync(write, owner, new AuditRecord("organization.created", AuditTarget.Organization(organization.Id, organization.Name)), cancellationToken);
        await AuditLog.AppendAsync(write, owner, new AuditRecord("member.joined", AuditTarget.Member(ownerId, ownerName))
        {
            Details = new() { ["role"] = SnakeCase.Of(Role.Owner), ["email"] = email },
            PersonalDetails = ["email"],
        }, cancellationToken);
        return owner;
    }
}
