using KeyPortal.Access;
using KeyPortal.Access.Tokens;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Usage;

namespace KeyPortal.Validation;

/// <summary>Who calls KeyPortal itself; a person has no <paramref name="Key"/>.</summary>
public readonly record struct Caller(Actor Actor, KeySnapshot? Key);

/// <summary>Turns a key or an access token that calls KeyPortal itself into the actor it stands for.</summary>
public sealed class CallerAuthentication(KeyCache keys, UsageRecorder usage, MemberAuthentication members, SecretWatch watch, TimeProvider clock)
{
    /// <summary>One refusal for every cause: a caller that guesses learns nothing from it.</summary>
    public static readonly Refusal Unauthenticated = new(RefusalKind.Unauthenticated, "unauthenticated",
        "The credential is missing, unknown, ended, or may not be used from here.");

    /// <summary>
    /// The actor behind a secret key that is good now and from this address: the owner's role of the moment, the key's scopes. What the call costs of the
    /// key's own limits is not spent yet. A publishable key is no credential: anyone who opens a web page has it.
    /// </summary>
    public async ValueTask<Outcome<Caller>> AuthenticateAsync(string presented, Origin origin, CancellationToken cancellationToken = default)
    {
        if (!keys.TryRead(presented, out var secret)
            || await keys.FindAsync(secret, fresh: false, cancellationToken) is not { OwnerRole: { } role } key
            || key.Type == KeyType.Publishable)
        {
            return Unauthenticated;
        }

        var now = clock.Now();
        if (key.Check(KeyDemand.Nothing with { Ip = origin.Ip }, now) is not null)
        {
            watch.Refused(key, origin.Ip, now);
            return Unauthenticated;
        }

        watch.Used(key, now);
        usage.Touch(key.OrganizationId, key.KeyId, key.SecretVersion, now, origin.Ip);
        var actor = new Actor
        {
            Type = ActorType.ApiKey,
            Id = key.KeyId,
            Name = key.Name,
            OrganizationId = key.OrganizationId,
            Role = role,
            MemberId = key.OwnerId,
            Scopes = key.Scopes,
            Origin = origin,
        };
        return new Caller(actor, key);
    }

    /// <summary>The member behind an access token, in the organization named or the only one there is. Refuses besides: several and none named (422), one they are not in (404).</summary>
    public async ValueTask<Outcome<Caller>> AuthenticateMemberAsync(string token, string? organizationId, Origin origin, CancellationToken cancellationToken = default) =>
        await members.FindSessionAsync(token, cancellationToken) is not { } session || await members.ActAsync(session, organizationId, origin, cancellationToken) is not { } found ? Unauthenticated
        : found.Succeeded(out var actor, out var refusal) ? new Caller(actor, null)
        : refusal;

    /// <summary>The live session behind an access token.</summary>
    public async ValueTask<Outcome<Session>> FindSessionAsync(string token, CancellationToken cancellationToken = default) =>
        await members.FindSessionAsync(token, cancellationToken) is { } session ? session : Unauthenticated;
}
