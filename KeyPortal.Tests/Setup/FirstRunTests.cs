using KeyPortal.Access;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Setup;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KeyPortal.Tests.Setup;

public sealed class FirstRunTests
{
    private static readonly FirstOwner Owner = new("Acme Payments", "Alice", "alice@acme.example", Cast.Password);

    [Fact]
    public async Task An_empty_instance_gets_its_organization_owner_catalogue_and_first_entries()
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "3"));
        (await portal.Get<FirstRun>().IsEmptyAsync()).ShouldBeTrue();
        var alice = (await portal.Get<FirstRun>().CreateAsync(Owner, new Origin("203.0.113.5", null, "req_1"))).Value;

        (alice.Role, alice.Name).ShouldBe((Role.Owner, "Alice"));
        (await portal.Get<FirstRun>().IsEmptyAsync()).ShouldBeFalse();
        (await portal.Get<SignIn>().WithPasswordAsync(Owner.Email, Owner.Password, SessionKind.Browser, Origin.None)).Session!.OrganizationId.ShouldBe(alice.OrganizationId);
        (await portal.Get<ScopeCatalogue>().ListAsync(alice)).Select(s => s.Name).ShouldBe(
        [
            "agents:manage", "api-keys:manage", "api-keys:validate", "audit:read", "events:read", "organizations:read", "organizations:write",
            "triggers:read", "triggers:write", "usage:read",
        ]);
        (await portal.Get<Membership>().PolicyAsync(alice.OrganizationId)).KeysPerMember.ShouldBe(3);
        (await portal.EntriesAsync(alice.OrganizationId)).ShouldHaveSingleItem().Action.ShouldBe("organization.created");
        var joined = (await portal.EntriesAsync(alice.Id))[0];
        joined.Action.ShouldBe("member.joined");
        System.Text.Encoding.UTF8.GetString(joined.Bytes).ShouldNotContain("alice", Case.Insensitive);
    }

    [Fact]
    public async Task Of_twenty_who_set_it_up_at_once_one_does()
    {
        await using var portal = new Portal();
        var firstRun = portal.Get<FirstRun>();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() =>
            firstRun.CreateAsync(Owner with { Email = $"owner{i}@acme.example", OrganizationName = $"Acme {i}" }, Origin.None))));

        outcomes.Count(o => o.Refusal is null).ShouldBe(1);
        outcomes.Where(o => o.Refusal is not null).ShouldAllBe(o => o.Refusal!.Code == "already_set_up" || o.Refusal.Code == "busy");
        await using var db = portal.OpenDb();
        (await db.Set<Organization>().CountAsync()).ShouldBe(1);
        (await db.Set<Member>().CountAsync()).ShouldBe(1);
        (await db.Set<IdentityUser>().CountAsync()).ShouldBe(1, "no account is left of those who lost");
        (await portal.CountEntriesAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Every_broken_rule_is_named_and_nothing_is_made()
    {
        await using var portal = new Portal();
        var refused = (await portal.Get<FirstRun>().CreateAsync(new FirstOwner(" ", new string('x', 121), "", "short"), Origin.None)).Refusal!;
        refused.Errors.Select(e => e.Pointer).ShouldBe(["/organization_name", "/owner_name", "/email", "/password"]);
        (await portal.Get<FirstRun>().CreateAsync(Owner with { Email = "alice@localhost" }, Origin.None)).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/email");
        (await portal.Get<FirstRun>().IsEmptyAsync()).ShouldBeTrue();
    }

    [Theory]
    [InlineData(11, false)]
    [InlineData(12, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public async Task A_password_has_twelve_to_128_characters(int length, bool allowed)
    {
        await using var portal = new Portal();
        var outcome = await portal.Get<FirstRun>().CreateAsync(Owner with { Password = OfLength(length) }, Origin.None);
        (outcome.Refusal is null).ShouldBe(allowed);
        if (allowed)
        {
            (await portal.Get<SignIn>().WithPasswordAsync(Owner.Email, OfLength(length), SessionKind.Browser, Origin.None)).Outcome.ShouldBe(SignInOutcome.SignedIn);
            (await portal.Get<SignIn>().WithPasswordAsync(Owner.Email, OfLength(length)[..^1], SessionKind.Browser, Origin.None)).Outcome.ShouldBe(SignInOutcome.InvalidCredentials);
        }
        else
        {
            outcome.Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/password");
        }
    }

    [Theory]
    [InlineData("password1234")]
    [InlineData("alice-acme-payments")]
    public async Task A_password_that_is_easy_to_guess_is_refused(string password)
    {
        await using var portal = new Portal();
        (await portal.Get<FirstRun>().CreateAsync(Owner with { Password = password }, Origin.None)).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/password");
        (await portal.Get<FirstRun>().IsEmptyAsync()).ShouldBeTrue();
    }

    [Fact]
    public void The_code_is_matched_however_it_is_typed_and_is_dead_once_spent()
    {
        var guesses = new GuessLimits(Options.Create(new GuessSettings()), new TestClock());
        var code = new SetupCode(guesses);
        code.Matches("").ShouldBeFalse("none was issued");
        code.Matches(null).ShouldBeFalse();
        var text = code.Issue();
        text.Replace("-", "").Length.ShouldBe(32);
        code.Matches(text).ShouldBeTrue();
        code.Matches($" {text.Replace("-", " ").ToUpperInvariant()} ").ShouldBeTrue();
        code.Matches(text[..^1]).ShouldBeFalse();
        code.Matches(text + "0").ShouldBeFalse();
        code.Matches((text[0] == '0' ? '1' : '0') + text[1..]).ShouldBeFalse();

        code.Issue().ShouldBe(text);
        new SetupCode(guesses).Issue().ShouldNotBe(text, "another start, another code");
        code.Spend();
        code.Matches(text).ShouldBeFalse();
        code.Matches("").ShouldBeFalse();
    }

    private static string OfLength(int length) => string.Concat(Enumerable.Range(0, length).Select(i => "xk29mmqvpozr7wtdhb4"[i * i % 19]));
}
