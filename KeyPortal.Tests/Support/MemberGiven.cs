using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Support;

/// <summary>Builders for members and invitations.</summary>
public static class MemberGiven
{
    /// <summary>The token of an invitation just sent.</summary>
    public static async Task<string> InvitedAsync(this Portal portal, Actor inviter, string email, Role role = Role.Developer) =>
        (await portal.Get<MemberInvitations>().InviteAsync(inviter, email, role)).Value.Token.Expose();

    public static async Task<Member> MemberRowAsync(this Portal portal, string organizationId, string userId)
    {
        await using var db = portal.OpenDb();
        return await db.Set<Member>().AsNoTracking().SingleAsync(m => m.OrganizationId == organizationId && m.UserId == userId);
    }

    /// <summary>So many more members of a role, who have an address and no password.</summary>
    public static async Task MembersAsync(this Portal portal, string organizationId, Role role, int count)
    {
        await using var db = portal.OpenDb();
        for (var i = 0; i < count; i++)
        {
            var user = new IdentityUser { Id = EntityId.New(EntityId.User, TestClock.Start), UserName = $"{role}-{i}", Email = $"{role}-{i}@acme.example".ToLowerInvariant() };
            db.Add(user);
            db.Add(new Member { OrganizationId = organizationId, UserId = user.Id, Name = $"{role} {i}", Role = role, JoinedAt = TestClock.Start });
        }

        await db.SaveChangesAsync();
    }

    /// <summary>Olaf of Umbra joins Acme too; the actor is what he is there.</summary>
    public static async Task<Actor> OlafJoinsAcmeAsync(this Portal portal, Cast cast, Role role = Role.Developer)
    {
        var token = await portal.InvitedAsync(cast.Alice, "olaf@umbra.example", role);
        var session = await portal.SessionAsync(cast.Olaf);
        (await portal.Get<InvitationAcceptance>().AcceptAsync(token, session, Origin.None)).Refusal.ShouldBeNull();
        return cast.Olaf with { OrganizationId = cast.AcmeId, Role = role };
    }
}
