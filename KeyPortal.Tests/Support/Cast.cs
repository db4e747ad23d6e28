using KeyPortal.Access;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace KeyPortal.Tests.Support;

/// <summary>
/// The people of every test. Acme: Alice (owner), Andy (admin), Dora and Dan (developers), Audrey (auditor). Olaf owns another organization, Umbra.
/// All have the password <see cref="Password"/>, an authenticator app with <see cref="TotpSecret"/>, and an e-mail such as <c>alice@acme.example</c>.
/// </summary>
public sealed class Cast
{
    public const string Password = "correct horse battery staple";

    /// <summary>Of everybody's authenticator app.</summary>
    public static readonly TotpSecret TotpSecret = TotpSecret.TryParse("KEYPORTALCASTSECRETKEYPORTALCAST")!;

    private Cast(string acmeId, string umbraId, IReadOnlyDictionary<string, Actor> people) => (AcmeId, UmbraId, _people) = (acmeId, umbraId, people);

    private readonly IReadOnlyDictionary<string, Actor> _people;

    public string AcmeId { get; }

    public string UmbraId { get; }

    public Actor Alice => _people["Alice"];

    public Actor Andy => _people["Andy"];

    public Actor Dora => _people["Dora"];

    public Actor Dan => _people["Dan"];

    public Actor Audrey => _people["Audrey"];

    public Actor Olaf => _people["Olaf"];

    /// <summary>What everybody's authenticator app shows at this instant. Each account takes a code once: move on by 30 seconds for the next.</summary>
    public static string CodeAt(DateTimeOffset at) => Totp.CodeAt(TotpSecret, at);

    /// <summary>What it shows now.</summary>
    public static string CodeNow(Portal portal) => CodeAt(portal.Get<TimeProvider>().GetUtcNow());

    public static async Task<Cast> EnterAsync(Portal portal)
    {
        var acme = await FoundAsync(portal, "Acme Payments", "acme.example",
            ("Alice", Role.Owner), ("Andy", Role.Admin), ("Dora", Role.Developer), ("Dan", Role.Developer), ("Audrey", Role.Auditor));
        var umbra = await FoundAsync(portal, "Umbra", "umbra.example", ("Olaf", Role.Owner));
        return new Cast(acme[0].OrganizationId, umbra[0].OrganizationId, acme.Concat(umbra).ToDictionary(a => a.Name));
    }

    private static async Task<IReadOnlyList<Actor>> FoundAsync(Portal portal, string name, string domain, params (string Name, Role Role)[] people)
    {
        await using var scope = portal.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<KeyPortalDb>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<IdentityUser>>();
        var founded = await portal.Get<Writer>().RunAsync<IReadOnlyList<Actor>>(db, async write =>
        {
            var organization = new Organization { Id = EntityId.New(EntityId.Organization, write.Now), Name = name, CreatedAt = write.Now, Policy = portal.Get<Microsoft.Extensions.Options.IOptions<PolicySettings>>().Value.ToPolicy() };
            write.Set<Organization>().Add(organization);
            write.Set<CatalogueScope>().AddRange(CatalogueScope.ForNew(organization.Id));
            List<Actor> actors = [];
            foreach (var (person, role) in people)
            {
                var email = $"{person.ToLowerInvariant()}@{domain}";
                var user = new IdentityUser { Id = EntityId.New(EntityId.User, write.Now), UserName = email, Email = email };
                (await users.CreateAsync(user, Password)).Succeeded.ShouldBeTrue();
                write.Set<SecondFactor>().Add(new SecondFactor { UserId = user.Id, TotpSecret = portal.Get<TotpVault>().Seal(TotpSecret, user.Id), TotpAddedAt = write.Now });
                write.Set<Member>().Add(new Member { OrganizationId = organization.Id, UserId = user.Id, Name = person, Role = role, JoinedAt = write.Now });
                actors.Add(CurrentMember.ActorOf(new OrganizationView(organization.Id, name, role, person, user.Id), new Origin("203.0.113.5", "tests", "req_test")));
            }

            return actors;
        });
        return founded.Value;
    }
}
