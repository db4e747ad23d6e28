using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Access.Members;

/// <summary>What a person is called in an organization is theirs to say; nobody names another.</summary>
public sealed class MemberNaming(MemberChange members)
{
    [Needs(Act.ChangeOwnAccount)]
    public Task<Outcome<MemberView>> RenameSelfAsync(Actor actor, string name, CancellationToken cancellationToken = default) =>
        members.RunAsync(actor, actor.MemberId, Act.ChangeOwnAccount, (_, _, member) => Task.FromResult(Rename(member, name.Trim())), cancellationToken);

    private static Outcome<AuditRecord?> Rename(Member member, string name)
    {
        if (TextRules.Check(name, "Your name", 1, Member.MaxNameLength) is { } broken)
        {
            return Refusal.Invalid("/name", broken);
        }

        var before = member.Name;
        if (before == name)
        {
            return (AuditRecord?)null;
        }

        member.Name = name;
        return new AuditRecord("member.renamed", AuditTarget.Member(member.UserId, name))
        {
            Details = new() { ["former_name"] = before },
            PersonalDetails = ["former_name"],
        };
    }
}
