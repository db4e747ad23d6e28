using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Keys;

/// <summary>One scope an organization's keys may hold, with words for the people who choose it.</summary>
public sealed class CatalogueScope
{
    public required string OrganizationId { get; init; }

    /// <summary>The scope itself, never a wildcard.</summary>
    public required string Name { get; init; }

    public required string Description { get; set; }

    /// <summary>May a publishable key hold it, that is, may anyone who opens a web page?</summary>
    public required bool Publishable { get; set; }

    public required bool ReadOnly { get; set; }

    /// <summary>What a new organization's catalogue holds: five examples and KeyPortal's own.</summary>
    public static IReadOnlyList<CatalogueScope> ForNew(string organizationId)
    {
        CatalogueScope Of(string name, string description, bool publishable = false, bool readOnly = false) =>
            new() { OrganizationId = organizationId, Name = name, Description = description, Publishable = publishable, ReadOnly = readOnly };

        return
        [
            Of("triggers:read", "See triggers and their settings", publishable: true, readOnly: true),
            Of("triggers:write", "Create, change and delete triggers"),
            Of("events:read", "See events and their payloads", publishable: true, readOnly: true),
            Of("organizations:read", "See organizations and their members", publishable: true, readOnly: true),
            Of("organizations:write", "Change organizations and their members"),
            Of(OwnScopes.ApiKeysManage.Value, "Create, change and revoke API keys in KeyPortal"),
            Of(OwnScopes.ApiKeysValidate.Value, "Validate API keys that clients present"),
            Of(OwnScopes.AgentsManage.Value, "Create, suspend and retire agents in KeyPortal"),
            Of(OwnScopes.UsageRead.Value, "Read how keys are used", readOnly: true),
            Of(OwnScopes.AuditRead.Value, "Read the audit log", readOnly: true),
        ];
    }
}

internal sealed class CatalogueScopeMapping : IEntityTypeConfiguration<CatalogueScope>
{
    public void Configure(EntityTypeBuilder<CatalogueScope> builder)
    {
        builder.ToTable("scopes");
        builder.HasKey(s => new { s.OrganizationId, s.Name });
    }
}
