using System.Security.Cryptography;
using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;

namespace KeyPortal.Setup;

/// <summary>What the demonstration's people did, in the order in which they did it.</summary>
internal sealed class DemonstrationHistory(PastCommands commands, DateTimeOffset now)
{
    private readonly Dictionary<string, Actor> _actors = [];
    private readonly List<DemonstrationPerson> _people = [];

    public IReadOnlyList<DemonstrationPerson> People => _people;

    public IReadOnlyList<DemonstrationKey> Keys { get; } = DemonstrationKeys.For(now);

    public string OrganizationId => _actors[DemonstrationKeys.Alice].OrganizationId;

    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        foreach (var (at, act) in Script().OrderBy(line => line.At))
        {
            cancellationToken.ThrowIfCancellationRequested();
            commands.Now = at;
            await act();
        }
    }

    private IEnumerable<(DateTimeOffset At, Func<Task> Act)> Script()
    {
        DateTimeOffset At(int day, int hour, int minute) => DemonstrationKeys.Day(now, day, hour, minute);
        string Id(string key) => Keys.Single(k => k.Name == key).Id;
        Actor Do(string person) => As(person);

        List<(DateTimeOffset, Func<Task>)> script =
        [
            (At(-212, 8, 55), FoundAsync),
            (At(-211, 9, 30), () => JoinAsync(DemonstrationKeys.Marco, "marco@acme.example", Role.Admin)),
            (At(-190, 10, 4), () => JoinAsync(DemonstrationKeys.Jo, "jo@acme.example", Role.Developer)),
            (At(-118, 15, 10), () => Edit(DemonstrationKeys.Alice, DemonstrationKeys.Webhooks, i => i with { AllowedIps = ["198.51.100.0/24"] })),
            (At(-61, 9, 44), async () => Expect(await commands.Suspension.DisableAsync(Do(DemonstrationKeys.Marco), Id(DemonstrationKeys.Partner)))),
            (At(-51, 11, 31), () => Edit(DemonstrationKeys.Alice, DemonstrationKeys.Webhooks, i => i with { Scopes = [.. i.Scopes, "events:read"] })),
            (At(-24, 16, 18), async () => Expect(await commands.Suspension.DisableAsync(Do(DemonstrationKeys.Jo), Id(DemonstrationKeys.Reporting)))),
            (At(-24, 16, 52), async () => Expect(await commands.Suspension.EnableAsync(Do(DemonstrationKeys.Jo), Id(DemonstrationKeys.Reporting)))),
            (At(-17, 13, 9), () => commands.Gate.RefuseAsync(Do(DemonstrationKeys.Jo), Act.ReadAuditLog, CancellationToken.None)),
            (At(-5, 15, 16), () => Edit(DemonstrationKeys.Marco, DemonstrationKeys.Invoices, i => i with { Scopes = [.. i.Scopes, "organizations:read"] })),
            (At(-4, 12, 51), () => Edit(DemonstrationKeys.Marco, DemonstrationKeys.Fraud, i => i with { AllowedIps = ["10.30.0.0/16", "10.31.0.0/16"] })),
            (At(-3, 11, 20), async () => Expect(await commands.Revocation.RevokeAsync(Do(DemonstrationKeys.Alice), Id(DemonstrationKeys.Leaked), RevocationReason.KeyCompromise))),
        ];
        script.Add((At(-2, 10, 12), async () => Expect(await commands.Revocation.RetireAsync(Do(DemonstrationKeys.Marco), Id(DemonstrationKeys.Drill), RevocationReason.Superseded, TimeSpan.FromDays(30)))));
        script.AddRange(Keys.Where(key => key.RotatedAt is not null).Select(key => (key.RotatedAt!.Value, (Func<Task>)(() => RotateAsync(key)))));
        script.AddRange(Keys.Select(key => (key.CreatedAt, (Func<Task>)(() => CreateAsync(key)))));
        script.AddRange(Sessions());
        script.Add((now.AddMinutes(-2), ForgetSecondFactorsAsync));
        return script;
    }

    /// <summary>Who signs in, mostly on working days, and now and then mistypes.</summary>
    private IEnumerable<(DateTimeOffset At, Func<Task> Act)> Sessions()
    {
        (string Person, int Every, int Hour)[] habits = [(DemonstrationKeys.Alice, 3, 8), (DemonstrationKeys.Marco, 2, 9), (DemonstrationKeys.Jo, 4, 7)];
        foreach (var (person, every, hour) in habits)
        {
            for (var day = -1; day > -35; day -= every)
            {
                var at = DemonstrationKeys.Day(now, day, hour, 7 - (day % 5 * 9)).AddSeconds(-day % 7 * 8);
                if (at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
                {
                    continue;
                }

                if (day % 9 == 0)
                {
                    yield return (at.AddSeconds(-14), () => SessionAsync(person, "session.refused", AuditOutcome.Refused));
                }

                yield return (at, () => SessionAsync(person, "session.started", AuditOutcome.Succeeded));
                yield return (at.AddHours(3), () => SessionAsync(person, "session.ended", AuditOutcome.Succeeded));
            }
        }
    }

    private async Task FoundAsync()
    {
        var person = Person(DemonstrationKeys.Alice, "alice@acme.example", Role.Owner);
        var founder = new FirstOwner(Demonstration.OrganizationName, person.Name, person.Email, person.Password);
        _actors[person.Name] = Expect(await commands.FirstRun.CreateAsync(founder, OriginOf(person.Name)));
        await GuardAsync(person.Name);
    }

    /// <summary>An account and its membership, as an invitation that was accepted leaves them.</summary>
    private async Task JoinAsync(string name, string email, Role role)
    {
        var person = Person(name, email, role);
        var hash = await commands.Services.GetRequiredService<PasswordGate>().HashAsync(person.Password, CancellationToken.None)
            ?? throw new InvalidOperationException("The server is too busy for the demonstration.");
        await using var scope = commands.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<KeyPortalDb>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<IdentityUser>>();
        _actors[name] = Expect(await commands.Writer.RunAsync<Actor>(db, async write =>
        {
            var user = new IdentityUser { Id = EntityId.New(EntityId.User, write.Now), UserName = email, Email = email, PasswordHash = hash };
            var created = await users.CreateAsync(user);
            if (!created.Succeeded)
            {
                return Refusal.Invalid("/email", string.Join(' ', created.Errors.Select(e => e.Description)));
            }

            write.Set<Member>().Add(new Member { OrganizationId = OrganizationId, UserId = user.Id, Name = name, Role = role, JoinedAt = write.Now });
            var actor = CurrentMember.ActorOf(new OrganizationView(OrganizationId, Demonstration.OrganizationName, role, name, user.Id), OriginOf(name));
            await AuditLog.AppendAsync(write, actor, new AuditRecord("member.joined", AuditTarget.Member(user.Id, name))
            {
                Details = new() { ["role"] = SnakeCase.Of(role), ["email"] = email },
                PersonalDetails = ["email"],
            });
            return actor;
        }));
        await GuardAsync(name);
    }

    /// <summary>A second factor, for live keys need one. Nobody ever sees it.</summary>
    private Task GuardAsync(string name) => commands.Enrolment.EnrolNewAsync(As(name), TotpSecret.New());

    /// <summary>So that whoever looks around gets in with the passwords alone: what the verb <c>users reset-2fa</c> does for people who lost everything.</summary>
    private async Task ForgetSecondFactorsAsync()
    {
        var membership = commands.Services.GetRequiredService<Membership>();
        foreach (var actor in _actors.Values)
        {
            var places = await membership.OfAsync(actor.MemberId);
            Expect(await commands.Writer.RunAsync<bool>(async write =>
            {
                await SecondFactorReset.ResetAsync(write, actor.MemberId, places);
                return true;
            }));
        }
    }

    private async Task CreateAsync(DemonstrationKey key) =>
        key.Id = Expect(await commands.Issuance.CreateAsync(As(key.Owner), key.Input, key.Type, key.Environment)).Key.Id;

    private async Task RotateAsync(DemonstrationKey key) => Expect(await commands.Rotation.RotateAsync(As(key.Owner), key.Id, new RotationInput()));

    private async Task Edit(string person, string key, Func<KeyInput, KeyInput> change) =>
        Expect(await commands.Editing.EditAsync(As(person), Keys.Single(k => k.Name == key).Id, change));

    private async Task SessionAsync(string person, string action, AuditOutcome outcome)
    {
        var actor = As(person);
        Expect(await commands.Writer.RunAsync<bool>(async write =>
        {
            await AuditLog.AppendAsync(write, actor, new AuditRecord(action, AuditTarget.Member(actor.Id, person)) { Outcome = outcome });
            return true;
        }));
    }

    private Actor As(string person) => _actors[person] with { Origin = OriginOf(person) };

    private Origin OriginOf(string person) => new(
        person == DemonstrationKeys.Jo ? "203.0.113.24" : "198.51.100.9",
        person == DemonstrationKeys.Alice ? "Mozilla/5.0 (Macintosh) Safari/605" : "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        RequestId.New(commands.Now));

    /// <summary>Eighteen characters that cannot be mistaken for each other: 89 random bits.</summary>
    private DemonstrationPerson Person(string name, string email, Role role)
    {
        const string Clear = "abcdefghjkmnpqrstuvwxyz23456789";
        var password = string.Join('-', Enumerable.Range(0, 3).Select(_ => RandomNumberGenerator.GetString(Clear, 6)));
        var person = new DemonstrationPerson(name, role, email, password);
        _people.Add(person);
        return person;
    }

    private static T Expect<T>(Outcome<T> outcome) =>
        outcome.Succeeded(out var value, out var refusal)
            ? value
            : throw new InvalidOperationException($"The demonstration was refused: {refusal.Detail} {string.Join(' ', refusal.Errors.Select(e => e.Pointer + ": " + e.Detail))}");
}
