using KeyPortal.Access;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

/// <summary>A second factor comes, is confirmed, replaced and goes. Dora begins without one, Alice with the cast's.</summary>
public sealed class FactorLifeTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    private TotpEnrolment Enrolment => _portal.Get<TotpEnrolment>();

    private Confirmation Confirmation => _portal.Get<Confirmation>();

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        await _portal.WithoutSecondFactorAsync(_cast.Dora);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task The_first_app_brings_recovery_codes_a_new_session_and_ends_the_others()
    {
        var elsewhere = await _portal.SessionAsync(_cast.Dora, SignInMethod.Password);
        var stale = await ArriveAsync(_cast.Dora, SignInMethod.Password);
        _portal.Clock.Advance(TimeSpan.FromMinutes(30));
        // Else an open browser or a stolen cookie would be enough to take the account over for good.
        (await Enrolment.OfferAsync(stale)).Refusal!.Code.ShouldBe("fresh_sign_in_required");
        var dora = await ArriveAsync(_cast.Dora, SignInMethod.Password);
        var offer = (await Enrolment.OfferAsync(dora)).Value;
        offer.Uri.ShouldContain("issuer=Acme%20Payments");
        offer.Uri.ShouldContain(":dora%40acme.example?");

        (await Enrolment.ConfirmAsync(dora, offer.Sealed, "000000")).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/code");
        var added = (await Enrolment.ConfirmAsync(dora, offer.Sealed, Totp.CodeAt(offer.Secret, _portal.Clock.Now))).Value;

        added.RecoveryCodes!.Expose().Count.ShouldBe(RecoveryCodes.Count);
        added.RecoveryCodes.Expose().ShouldBeUnique();
        added.RecoveryCodes.Expose().ShouldAllBe(code => System.Text.RegularExpressions.Regex.IsMatch(code, "^([0-9a-hjkmnp-tv-z]{4}-){5}[0-9a-hjkmnp-tv-z]{4}$"));
        added.Session.SessionId.ShouldNotBe(dora.SessionId);
        (await LiveAsync(elsewhere.SessionId)).ShouldBeNull();
        (await LiveAsync(dora.SessionId!)).ShouldBeNull("the id from before the factor opens nothing");
        (await LiveAsync(added.Session.SessionId))!.Method.ShouldBe(SignInMethod.PasswordAndTotp);
        (await _portal.EntriesAsync(_cast.Dora.Id)).Count(e => e.Action == "second_factor.added").ShouldBe(1);
        (await _portal.Get<SecondFactorList>().OfAsync(_cast.Dora)).ShouldBe(new SecondFactorView(true, _portal.Clock.Now, RecoveryCodes.Count, true));
        // The code that proved it is spent.
        var pending = (await _portal.Get<SignIn>().WithPasswordAsync("dora@acme.example", Cast.Password, SessionKind.Browser, Origin.None)).Pending!.Token.Expose();
        (await _portal.Get<SecondStep>().WithCodeAsync(pending, Totp.CodeAt(offer.Secret, _portal.Clock.Now), SessionKind.Browser, Origin.None)).Refusal!.Code.ShouldBe("invalid_code");
    }

    [Fact]
    public async Task An_offer_is_for_the_session_that_was_shown_it_and_for_a_quarter_of_an_hour()
    {
        var (dora, other) = (await ArriveAsync(_cast.Dora), await ArriveAsync(_cast.Dora));
        await _portal.WithoutSecondFactorAsync(_cast.Dan);
        var offer = (await Enrolment.OfferAsync(dora)).Value;
        foreach (var thief in (Actor[])[other, await ArriveAsync(_cast.Dan)])
        {
            (await Enrolment.ConfirmAsync(thief, offer.Sealed, Totp.CodeAt(offer.Secret, _portal.Clock.Now))).Refusal.ShouldBe(TotpEnrolment.OfferExpired);
        }

        foreach (var none in (string?[])[null, "", "x", offer.Sealed[..^2]])
        {
            (await Enrolment.ConfirmAsync(dora, none, "000000")).Refusal.ShouldBe(TotpEnrolment.OfferExpired);
        }

        (await Enrolment.RepeatAsync(dora, offer.Sealed)).Value.Secret.ExposeBase32().ShouldBe(offer.Secret.ExposeBase32());
    }

    [Fact]
    public async Task Whoever_has_a_factor_changes_it_after_a_fresh_confirmation_only()
    {
        var alice = await ArriveAsync(_cast.Alice);
        _portal.Clock.Advance(TimeSpan.FromMinutes(10));
        (await Enrolment.OfferAsync(alice)).Refusal.ShouldBe(FactorChanges.NotFresh);
        (await Enrolment.ConfirmAsync(alice, null, null)).Refusal.ShouldBe(FactorChanges.NotFresh);
        (await _portal.Get<RecoveryCodeRenewal>().RenewAsync(alice)).Refusal.ShouldBe(FactorChanges.NotFresh);
        (await _portal.Get<SecondFactorRemoval>().RemoveAsync(alice)).Refusal.ShouldBe(FactorChanges.NotFresh);

        var session = (await Confirmation.WithCodeAsync(alice, Cast.Password, Cast.CodeNow(_portal))).Value;

        (await LiveAsync(alice.SessionId!)).ShouldBeNull();
        var fresh = alice with { SessionId = session.SessionId };
        (await _portal.Get<RecoveryCodeRenewal>().RenewAsync(fresh)).Value.Expose().Count.ShouldBe(RecoveryCodes.Count);
        var offer = (await Enrolment.OfferAsync(fresh)).Value;
        var added = (await Enrolment.ConfirmAsync(fresh, offer.Sealed, Totp.CodeAt(offer.Secret, _portal.Clock.Now))).Value;
        added.RecoveryCodes.ShouldBeNull("those she has stay good");
        (await _portal.EntriesAsync(_cast.Alice.Id)).Select(e => e.Action).ShouldBe(["session.started", "session.confirmed", "recovery_codes.renewed", "second_factor.added"]);
    }

    [Fact]
    public async Task Five_wrong_passwords_in_a_confirmation_lock_it_for_the_session_and_spend_no_code()
    {
        var alice = await ArriveAsync(_cast.Alice);
        var code = Cast.CodeNow(_portal);
        for (var i = 0; i < 4; i++)
        {
            (await Confirmation.WithCodeAsync(alice, "wrong password", code)).Refusal.ShouldBe(OwnPassword.Wrong);
        }

        (await Confirmation.WithPasswordAloneAsync(alice, Cast.Password)).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/code");
        (await Confirmation.WithCodeAsync(alice, Cast.Password, code)).Refusal.ShouldBeNull();
        for (var i = 0; i < 5; i++)
        {
            await Confirmation.WithCodeAsync(alice, "wrong password", code);
        }

        (await Confirmation.WithCodeAsync(alice, Cast.Password, code)).Refusal.ShouldBe(OwnPassword.Locked);
        (await _portal.Get<SignIn>().WithPasswordAsync("alice@acme.example", Cast.Password, SessionKind.Browser, Origin.None)).Outcome.ShouldBe(SignInOutcome.SecondFactorRequired);
    }

    [Fact]
    public async Task Wrong_codes_in_a_confirmation_lock_the_second_step_too()
    {
        var alice = await ArriveAsync(_cast.Alice);
        for (var i = 0; i < SecondFactorCheck.Most; i++)
        {
            (await Confirmation.WithCodeAsync(alice, Cast.Password, "000000")).Refusal.ShouldBe(SecondFactorCheck.InvalidCode);
        }

        (await Confirmation.WithCodeAsync(alice, Cast.Password, Cast.CodeNow(_portal))).Refusal.ShouldBe(SecondFactorCheck.Locked);
    }

    [Fact]
    public async Task Removing_the_last_factor_takes_the_recovery_codes_and_makes_the_session_worth_a_password()
    {
        var alice = await ArriveAsync(_cast.Alice);
        var elsewhere = await _portal.SessionAsync(_cast.Alice);
        (await _portal.Get<RecoveryCodeRenewal>().RenewAsync(alice)).Refusal.ShouldBeNull();

        (await _portal.Get<SecondFactorRemoval>().RemoveAsync(alice)).Refusal.ShouldBeNull();

        (await _portal.Get<SecondFactorList>().OfAsync(alice)).ShouldBe(new SecondFactorView(false, null, 0, false));
        (await LiveAsync(elsewhere.SessionId)).ShouldBeNull();
        (await LiveAsync(alice.SessionId!))!.HasSecondFactor.ShouldBeFalse();
        (await _portal.EntriesAsync(_cast.Alice.Id))[^1].Action.ShouldBe("second_factor.removed");
        (await _portal.Get<SecondFactorRemoval>().RemoveAsync(alice)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await _portal.Get<RecoveryCodeRenewal>().RenewAsync(alice)).Refusal.ShouldBe(RecoveryCodeRenewal.NothingToRecover);
    }

    [Fact]
    public async Task Where_an_organization_demands_one_the_last_factor_stays()
    {
        var alice = await ArriveAsync(_cast.Alice);
        await using var db = _portal.OpenDb();
        await db.Set<Organization>().Where(o => o.Id == _cast.AcmeId).ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, true));

        (await _portal.Get<SecondFactorRemoval>().RemoveAsync(alice)).Refusal!.Code.ShouldBe("second_factor_required");

        (await _portal.Get<SecondFactorList>().OfAsync(alice)).HasTotp.ShouldBeTrue();
    }

    [Fact]
    public async Task A_live_key_needs_an_owner_with_a_second_factor_and_the_refusal_is_recorded()
    {
        var issuance = _portal.Get<KeyIssuance>();
        var input = new KeyInput { Name = "Live" };
        (await issuance.CreateAsync(_cast.Dora, input, KeyType.Secret, KeyEnvironment.Live)).Refusal.ShouldBe(KeyIssuance.SecondFactorRequired);
        (await issuance.CreateAsync(_cast.Dora, input, KeyType.Secret, KeyEnvironment.Test)).Refusal.ShouldBeNull();
        (await issuance.CreateAsync(_cast.Alice, input, KeyType.Secret, KeyEnvironment.Live)).Refusal.ShouldBeNull();

        (await _portal.EntriesAsync(_cast.AcmeId)).Count(e => e.Action == "permission.refused" && e.ActorId == _cast.Dora.Id).ShouldBe(1);
    }

    [Fact]
    public async Task A_session_that_ended_while_an_act_was_under_way_does_not_come_back_under_another_id()
    {
        var (alice, dora) = (await ArriveAsync(_cast.Alice), await ArriveAsync(_cast.Dora, SignInMethod.Password));
        var offer = (await Enrolment.OfferAsync(dora)).Value;
        foreach (var person in (Actor[])[alice, dora])
        {
            await _portal.Get<Writer>().RunAsync<int>(async write => await Sessions.EndAllAsync(write, person.MemberId, SessionEnd.EndedElsewhere));
        }

        (await Confirmation.WithCodeAsync(alice, Cast.Password, Cast.CodeNow(_portal))).Refusal!.Code.ShouldBe("session_ended");
        (await _portal.Get<PasswordChange>().ChangeAsync(alice, Cast.Password, "seven quiet lamps burn")).Refusal!.Code.ShouldBe("session_ended");
        (await Enrolment.ConfirmAsync(dora, offer.Sealed, Totp.CodeAt(offer.Secret, _portal.Clock.Now))).Refusal!.Code.ShouldBe("fresh_sign_in_required");

        await using var db = _portal.OpenDb();
        (await db.Set<Session>().AnyAsync(s => s.EndedAt == null)).ShouldBeFalse();
        (await SecondFactors.HasAnyAsync(db, dora.MemberId)).ShouldBeFalse();
    }

    [Fact]
    public async Task The_longest_password_confirms_too_whatever_it_is_written_in()
    {
        // A hundred characters, and two hundred of what a string counts.
        var typed = string.Concat(Enumerable.Range(0x1F300, 100).Select(char.ConvertFromUtf32));
        (await _portal.Get<PasswordOverride>().SetAsync("dora@acme.example", typed)).Refusal.ShouldBeNull();

        (await Confirmation.WithPasswordAloneAsync(await ArriveAsync(_cast.Dora, SignInMethod.Password), typed)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Keys_change_nobodys_factors()
    {
        var key = await ArriveAsync(_cast.Alice) with { Type = ActorType.ApiKey, Scopes = OwnScopes.All };
        Refusal?[] refusals =
        [
            (await Enrolment.OfferAsync(key)).Refusal, (await Enrolment.ConfirmAsync(key, "x", "000000")).Refusal, (await Confirmation.WithCodeAsync(key, Cast.Password, Cast.CodeNow(_portal))).Refusal,
            (await _portal.Get<RecoveryCodeRenewal>().RenewAsync(key)).Refusal, (await _portal.Get<SecondFactorRemoval>().RemoveAsync(key)).Refusal,
        ];
        refusals.ShouldAllBe(r => r!.Code == "not_allowed");
    }

    [Fact]
    public async Task A_reset_takes_every_factor_ends_all_sessions_and_is_an_act_of_the_program()
    {
        var session = await _portal.SessionAsync(_cast.Alice);
        (await _portal.Get<SecondFactorReset>().ResetAsync("ALICE@acme.example")).Refusal.ShouldBeNull();

        (await _portal.Get<SecondFactorList>().OfAsync(_cast.Alice)).HasAny.ShouldBeFalse();
        (await LiveAsync(session.SessionId)).ShouldBeNull();
        var entry = (await _portal.EntriesAsync(_cast.Alice.Id))[^1];
        (entry.Action, entry.ActorType, entry.OrganizationId).ShouldBe(("second_factor.reset", "system", _cast.AcmeId));
        (await _portal.Get<SecondFactorList>().OfAsync(_cast.Andy)).HasAny.ShouldBeTrue();
        (await _portal.Get<SecondFactorReset>().ResetAsync("nobody@acme.example")).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
    }

    /// <summary>The person in a session that has just begun.</summary>
    private async Task<Actor> ArriveAsync(Actor person, SignInMethod method = SignInMethod.PasswordAndTotp) => person with { SessionId = (await _portal.SessionAsync(person, method)).SessionId };

    private async Task<Session?> LiveAsync(string sessionId)
    {
        await using var db = _portal.OpenDb();
        var session = await db.Set<Session>().AsNoTracking().SingleAsync(s => s.Id == sessionId);
        return await _portal.Get<Sessions>().FindLiveAsync(sessionId, session.UserId);
    }
}
