using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access.Members;

/// <summary>Changes what an organization is called, and what it demands of its members.</summary>
public sealed class OrganizationChange(Writer writer, PermissionGate gate)
{
    [Needs(Act.ManageOrganization)]
    public Task<Outcome<Organization>> RenameAsync(Actor actor, string name, CancellationToken cancellationToken = default) =>
        RunAsync(actor, (_, organization) => Task.FromResult(Rename(organization, name.Trim())), cancellationToken);

    /// <summary>
    /// Demands a second factor of every member, or no longer. Those without one can then do nothing but set one up. Refuses whoever has none themselves
    /// (<c>second_factor_not_set_up</c>): they would shut themselves out of this very page.
    /// </summary>
    [Needs(Act.ManageOrganization)]
    public Task<Outcome<Organization>> RequireSecondFactorAsync(Actor actor, bool required, CancellationToken cancellationToken = default) =>
        RunAsync(actor, async (write, organization) =>
        {
            if (required && !await SecondFactors.HasAnyAsync(write.Db, actor.MemberId, cancellationToken))
            {
                return Refusal.Conflict("second_factor_not_set_up", "Set up a second factor for yourself first. Else this would shut you out too.");
            }

            var before = organization.SecondFactorRequired;
            organization.SecondFactorRequired = required;
            return Changed(organization, "second_factor_required", before, required);
        }, cancellationToken);

    private static Outcome<AuditRecord?> Rename(Organization organization, string name)
    {
        if (TextRules.Check(name, "The organization's name", 1, Organization.MaxNameLength) is { } broken)
        {
            return Refusal.Invalid("/name", broken);
        }

        var before = organization.Name;
        organization.Name = name;
        return Changed(organization, "name", before, name);
    }

    private static AuditRecord? Changed(Organization organization, string field, JsonNode before, JsonNode after) =>
        JsonNode.DeepEquals(before, after)
            ? null
            : new AuditRecord("organization.updated", AuditTarget.Organization(organization.Id, organization.Name)) { Details = AuditRecord.Change([(field, before, after)]) };

    private async Task<Outcome<Organization>> RunAsync(Actor actor, Func<WriteTransaction, Organization, Task<Outcome<AuditRecord?>>> change, CancellationToken cancellationToken)
    {
        if (await gate.RefuseAsync(actor, Act.ManageOrganization, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        return await writer.RunAsync<Organization>(async write =>
        {
            // Read again: who drew the page may have been demoted since.
            if (await MemberRules.AsOfNowAsync(write, actor, cancellationToken) is not { } now || !now.May(Act.ManageOrganization))
            {
                return PermissionGate.Forbidden(Act.ManageOrganization);
            }

            var organization = await write.Set<Organization>().SingleAsync(o => o.Id == actor.OrganizationId, cancellationToken);
            if (!(await change(write, organization)).Succeeded(out var record, out var refused) && refused is not null)
            {
                return refused;
            }

            if (record is not null)
            {
                await AuditLog.AppendAsync(write, actor, record, cancellationToken);
            }

            return organization;
        }, cancellationToken);
    }
}
