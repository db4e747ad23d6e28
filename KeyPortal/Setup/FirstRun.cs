using KeyPortal.Access;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KeyPortal.Setup;

/// <summary>What an empty instance needs to become someone's: an organization and its owner.</summary>
public sealed record FirstOwner(string OrganizationName, string OwnerName, string Email, string Password)
{
    /// <summary>Without the password, which a record would print.</summary>
    public override string ToString() => $"{nameof(FirstOwner)} {{ {OrganizationName} }}";
}

/// <summary>Makes the first organization and its owner, once.</summary>
public sealed class FirstRun(IServiceScopeFactory scopes, Writer writer, PasswordGate passwords, IOptions<PolicySettings> policy, IDbContextFactory<KeyPortalDb> contexts)
{
    public static readonly Refusal AlreadyDone = Refusal.Conflict("already_set_up", "This instance is set up already. Sign in instead.");

    public async Task<bool> IsEmptyAsync(CancellationToken cancellationToken = default)
    {
        await using var db = contexts.CreateDbContext();
        return !await db.Set<Organization>().AnyAsync(cancellationToken);
    }

    /// <summary>Refuses: a broken rule of the form, <c>already_set_up</c>, <c>busy</c>. Of two at once, one is refused.</summary>
    public async Task<Outcome<Actor>> CreateAsync(FirstOwner owner, Origin origin, CancellationToken cancellationToken = default)
    {
        if (Check(owner) is { } broken)
        {
            return broken;
        }

        if (!await IsEmptyAsync(cancellationToken))
        {
            return AlreadyDone;
        }

        if (await passwords.HashAsync(owner.Password, cancellationToken) is not { } hash)
        {
            return new Refusal(RefusalKind.TooMany, "busy", "The server is busy. Nothing was changed; try again in a few seconds.");
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<KeyPortalDb>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<IdentityUser>>();
        return await writer.RunAsync<Actor>(db, async write =>
        {
            if (await write.Set<Organization>().AnyAsync(cancellationToken))
            {
                return AlreadyDone;
            }

            var user = new IdentityUser { Id = EntityId.New(EntityId.User, write.Now), UserName = owner.Email, Email = owner.Email, PasswordHash = hash };
            var created = await users.CreateAsync(user);
            if (!created.Succeeded)
            {
                return Refusal.Invalid("/email", string.Join(' ', created.Errors.Select(e => e.Description)));
            }

            return await Founding.BeginAsync(write, policy.Value.ToPolicy(), owner.OrganizationName, user.Id, owner.OwnerName, owner.Email, origin, cancellationToken);
        }, cancellationToken);
    }

    private static Refusal? Check(FirstOwner owner)
    {
        List<FieldError> errors = [];
        void Text(string? text, string pointer, string name, int min, int max)
        {
            if (TextRules.Check(text, name, min, max) is { } broken)
            {
                errors.Add(new FieldError(pointer, broken));
            }
        }

        Text(owner.OrganizationName, "/organization_name", "The organization's name", 1, Organization.MaxNameLength);
        Text(owner.OwnerName, "/owner_name", "Your name", 1, Member.MaxNameLength);
        Text(owner.Email, "/email", "The e-mail address", 1, Email.MaxLength);
        if (errors.Count == 0 && !Email.IsAddress(owner.Email))
        {
            errors.Add(new FieldError("/email", "An e-mail address has a name, an @ and a domain, such as alice@example.com."));
        }

        errors.AddRange(PasswordRules.Check(owner.Password, owner.OwnerName, owner.Email, owner.OrganizationName));
        return errors.Count == 0 ? null : Refusal.Invalid(errors);
    }
}
