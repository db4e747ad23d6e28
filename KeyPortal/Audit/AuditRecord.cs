using System.Text.Json.Nodes;

namespace KeyPortal.Audit;

/// <summary>What an act was done to. A name that is a person's is <see cref="Personal"/> and kept out of the entry itself.</summary>
public sealed record AuditTarget(string Type, string Id, string Name)
{
    public bool Personal => NamesAPerson(Type);

    public static bool NamesAPerson(string type) => type is "member" or "invitation";

    public static AuditTarget Organization(string id, string name) => new("organization", id, name);

    public static AuditTarget Member(string id, string name) => new("member", id, name);

    /// <summary>An invitation, named by the address it was sent to.</summary>
    public static AuditTarget Invitation(string id, string email) => new("invitation", id, email);

    public static AuditTarget Key(string id, string name) => new("api_key", id, name);
}

/// <summary>
/// One act to be recorded. <see cref="Action"/> is <c>noun.verb</c> in the past tense; <see cref="Details"/> says what changed, before and
/// after, and never holds a secret.
/// </summary>
public sealed record AuditRecord(string Action, AuditTarget Target)
{
    public AuditOutcome Outcome { get; init; } = AuditOutcome.Succeeded;

    public JsonObject Details { get; init; } = [];

    /// <summary>Values of <see cref="Details"/> that are personal: their names at its top level, such as <c>email</c>.</summary>
    public IReadOnlyList<string> PersonalDetails { get; init; } = [];

    /// <summary><c>{"before":{…},"after":{…}}</c> of the fields that differ.</summary>
    public static JsonObject Change(IEnumerable<(string Field, JsonNode? Before, JsonNode? After)> fields)
    {
        JsonObject before = [], after = [];
        foreach (var (field, old, @new) in fields)
        {
            if (!JsonNode.DeepEquals(old, @new))
            {
                before[field] = old?.DeepClone();
                after[field] = @new?.DeepClone();
            }
        }

        return new JsonObject { ["before"] = before, ["after"] = after };
    }
}
