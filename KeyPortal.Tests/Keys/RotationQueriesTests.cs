using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Overview.Pages;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;

namespace KeyPortal.Tests.Keys;

public sealed class RotationQueriesTests : IAsyncLifetime
{
    private const long Day = 86_400;

    private readonly Portal _portal = new(("KeyPortal:Policy:RotationAgeSeconds", $"{100 * Day}"));
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task The_most_overdue_comes_first_whether_the_key_or_the_policy_says_how_old()
    {
        await KeyAsync(_cast.Dora, "By policy", null);
        await KeyAsync(_cast.Dora, "Ninety", 90);
        await KeyAsync(_cast.Dan, "Ninety five", 95);
        await KeyAsync(_cast.Dora, "Not yet", 200);
        _portal.Clock.Advance(TimeSpan.FromDays(98));

        (await NamesAsync(_cast.Alice, TimeSpan.Zero, 10)).ShouldBe(["Ninety", "Ninety five"]);
        (await NamesAsync(_cast.Alice, TimeSpan.FromDays(2), 10)).ShouldBe(["Ninety", "Ninety five", "By policy"]);
        (await NamesAsync(_cast.Alice, TimeSpan.FromDays(2) - TimeSpan.FromSeconds(1), 10)).ShouldBe(["Ninety", "Ninety five"]);
        (await NamesAsync(_cast.Alice, TimeSpan.FromDays(2), 1)).ShouldBe(["Ninety"]);
        (await NamesAsync(_cast.Dora, TimeSpan.FromDays(2), 10)).ShouldBe(["Ninety", "By policy"]);
        (await NamesAsync(_cast.Olaf, TimeSpan.FromDays(2), 10)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rotation_or_an_end_takes_a_key_off_the_list()
    {
        var (rotated, revoked, disabled) = (await KeyAsync(_cast.Dora, "Rotated", 90), await KeyAsync(_cast.Dora, "Revoked", 90), await KeyAsync(_cast.Dora, "Disabled", 90));
        _portal.Clock.Advance(TimeSpan.FromDays(95));
        (await NamesAsync(_cast.Dora, TimeSpan.Zero, 10)).Count.ShouldBe(3);

        await _portal.Get<KeyRotation>().RotateAsync(_cast.Dora, rotated, new RotationInput());
        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Dora, revoked, RevocationReason.Unspecified);
        await _portal.Get<KeySuspension>().DisableAsync(_cast.Dora, disabled);

        (await NamesAsync(_cast.Dora, TimeSpan.Zero, 10)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_overview_asks_for_what_expires_and_what_is_due_in_the_order_of_time_and_leads_there()
    {
        var old = await KeyAsync(_cast.Dora, "Old", 90);
        _portal.Clock.Advance(TimeSpan.FromDays(80));
        var ending = (await _portal.KeyAsync(_cast.Dora, "Ending", with: i => i with { Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(3)), RotationAgeSeconds = Day })).Key.Id;
        _portal.Clock.Advance(TimeSpan.FromDays(1));

        var concerns = (await _portal.Get<OverviewReader>().ReadAsync(_cast.Dora, UsagePeriod.Hours24)).Value.Concerns;

        concerns.Select(c => (c.Title, c.Address)).Take(3).ShouldBe(
            [("Rotation due now", $"/keys/{ending}?tab=secrets"), ("Expires in 2 days", $"/keys/{ending}"), ("Rotate within 9 days", $"/keys/{old}?tab=secrets")]);
    }

    [Theory]
    [InlineData(100, 85, "Active")]
    [InlineData(100, 86, "Rotate soon")]
    [InlineData(100, 100, "Rotation overdue")]
    [InlineData(4, 1, "Active")]
    [InlineData(4, 2, "Rotate soon")]
    public async Task A_key_warns_two_weeks_before_its_secret_is_due_but_not_in_the_first_half_of_its_age(int age, int days, string word)
    {
        var id = await KeyAsync(_cast.Dora, "A key", age);
        _portal.Clock.Advance(TimeSpan.FromDays(days));

        KeyStanding.Of((await _portal.Get<KeyQueries>().FindAsync(_cast.Dora, id)).Value, _portal.Clock.Now).Word.ShouldBe(word);
    }

    private async Task<string> KeyAsync(Actor owner, string name, int? days) => (await _portal.KeyAsync(owner, name, with: i => i with { RotationAgeSeconds = days * Day })).Key.Id;

    private async Task<List<string>> NamesAsync(Actor actor, TimeSpan ahead, int top) =>
        [.. (await _portal.Get<RotationQueries>().DueByAsync(actor, _portal.Clock.Now + ahead, top)).Value.Select(k => k.Name)];
}
