using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Usage;

namespace KeyPortal.Validation;

/// <summary>Turns a key that calls KeyPortal itself into the actor it stands for.</summary>
public sealed class CallerAuthentication(KeyCache keys, UsageRecorder usage, TimeProvider clock)
{
    /// <summary>One refusal for every cause: a caller that guesses learns nothing from it.</summary>
    private static readonly Refusal Unauthenticated = new(RefusalKind.Unauthenticated, "unauthenticated",
        "The credential is missing, unknown, ended, or may not be used from here.");

    /// <summary>
    /// The actor behind a secret key that is good now and from this address: the owner's role of the moment, the key's scopes.
    /// A publishable key is no credential: anyone who opens a web page has it.
    /// </summary>
    public async ValueTask<Outcome<Actor>> AuthenticateAsync(string presented, Origin origin, CancellationToken cancellationToken = default)
    {
        if (!PlaintextKey.TryParse(presented, out var plaintext)
            || plaintext.Type == KeyType.Publishable
            || await keys.FindAsync(plaintext, fresh: false, cancellationToken) is not { OwnerRole: { } role } key)
        {
            return Unauthenticated;
        }

        var now = clock.Now();
        if (key.Check(KeyDemand.Nothing with { Ip = origin.Ip }, now) is not null)
        {
            return Unauthenticated;
        }

        usage.Touch(key.OrganizationId, key.KeyId, now, origin.Ip);
        return new Actor
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
    }
}
