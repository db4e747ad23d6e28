using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Audit;

/// <summary>
/// The first line of every command: may this actor do this? A refusal is itself an entry in the audit log. The same refusal is written once a
/// minute at most, for a client that retries in a loop must not fill the disk.
/// </summary>
public sealed class PermissionGate(Writer writer, TimeProvider clock)
{
    private const int Remembered = 10_000;
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(string Actor, Act Act, string Target), DateTimeOffset> _written = new();

    /// <summary>Null when the actor may; else the refusal to answer with, already recorded.</summary>
    public async Task<Refusal?> RefuseAsync(Actor actor, Act act, CancellationToken cancellationToken) =>
        actor.May(act) ? null : await RecordAsync(actor, act, AuditTarget.Organization(actor.OrganizationId, ""), Closed(actor, act), cancellationToken);

    /// <summary>The same for an act on one thing of the organization, which the entry then names.</summary>
    public async Task<Refusal?> RefuseAsync(Actor actor, Act act, AuditTarget target, CancellationToken cancellationToken) =>
        actor.May(act) ? null : await RecordAsync(actor, act, target, Closed(actor, act), cancellationToken);

    /// <summary>
    /// The same for a thing that <paramref name="ownerId"/> owns. Where the actor may not even see it, it does not exist; where the act is closed to the
    /// actor altogether, the answer is the same for things that are and things that are not.
    /// </summary>
    public async Task<Refusal?> RefuseAsync(Actor actor, Act act, Act toSee, AuditTarget target, string ownerId, CancellationToken cancellationToken)
    {
        if (actor.May(act, ownerId))
        {
            return null;
        }

        var refusal = actor.May(toSee, ownerId) || !actor.May(act) ? Closed(actor, act) : Refusal.NotFound("key");
        return await RecordAsync(actor, act, target, refusal, cancellationToken);
    }

    /// <summary>Where it is not the role that closes the act, the words say what does: whoever reads them can open it.</summary>
    private static Refusal Closed(Actor actor, Act act) => !actor.MustSetUpSecondFactor ? Forbidden(act) : new Refusal(RefusalKind.NotAllowed, "second_factor_not_set_up", actor.Type == ActorType.ApiKey
        ? "This organization demands a second factor of every member, and the owner of this key has none. Until they set one up, the key manages nothing; validations go on."
        : "This organization demands a second factor of every member. Set one up first, on your account's page.");

    /// <summary>What a closed act is answered with. A command that finds it closed by itself, inside its transaction, has it recorded after.</summary>
    public static Refusal Forbidden(Act act) => new(RefusalKind.NotAllowed, "not_allowed", act switch
    {
        Act.ReadKeys => "Your role or this key's scopes do not allow reading keys.",
        Act.CreateKeys => "Your role or this key's scopes do not allow creating keys.",
        Act.ImportKeys => "Your role or this key's scopes do not allow importing keys: owners and admins can.",
        Act.ChangeKeys => "Your role or this key's scopes do not allow changing this key.",
        Act.ApproveKeys => "Only an owner or an admin can approve or decline a key, or a key of theirs.",
        Act.ChangePolicy => "Only an owner or an admin can change the policy and the scopes, or a key of theirs.",
        Act.ValidateKeys => "Validating keys needs the scope api-keys:validate and an owner whose role allows it.",
        Act.ReadUsage => "Your role or this key's scopes do not allow reading usage.",
        Act.ReadAuditLog => "Your role or this key's scopes do not allow reading the audit log.",
        Act.ReadMembers => "Your role does not allow seeing other members.",
        Act.ManageMembers => "Your role does not allow inviting, changing or removing members.",
        Act.ManageOwners => "Only an owner can make somebody an owner, or change, disable or remove one.",
        Act.ManageOrganization => "Only an owner can change the organization's settings.",
        _ => "Your role or this key's scopes do not allow this.",
    });

    /// <summary>Records a refusal that a command found by itself, and gives it back. Never inside a transaction: it opens its own.</summary>
    public async Task<Refusal> RecordAsync(Actor actor, Act act, AuditTarget target, Refusal refusal, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var refused = (actor.Id, act, target.Id);
        if (_written.TryGetValue(refused, out var last) && now - last < Quiet)
        {
            return refusal;
        }

        if (_written.Count >= Remembered)
        {
            _written.Clear();
        }

        _written[refused] = now;
        var kept = false;
        try
        {
            // Not cancelled with the request: whoever hangs up at once would otherwise probe without a trace.
            var written = await writer.RunAsync<bool>(async write =>
            {
                await AuditLog.AppendAsync(write, actor, new AuditRecord("permission.refused", target)
                {
                    Outcome = AuditOutcome.Refused,
                    Details = new JsonObject { ["act"] = SnakeCase.Of(act) },
                }, CancellationToken.None);
                return true;
            }, CancellationToken.None);
            kept = written.Refusal is null;
            return written.Refusal ?? refusal;
        }
        finally
        {
            if (!kept)
            {
                _written.TryRemove(refused, out _);
            }
        }
    }
}
