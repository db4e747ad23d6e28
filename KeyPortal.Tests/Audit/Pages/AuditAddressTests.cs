using System.Text.Json.Nodes;
using KeyPortal.Audit.Pages;

namespace KeyPortal.Tests.Audit.Pages;

public sealed class AuditAddressTests
{
    private static readonly TimeZoneInfo Zurich = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(1), "test", "test");

    [Fact]
    public void An_address_comes_back_from_its_own_text()
    {
        var address = new AuditAddress { ActorId = "usr_1", Action = "key.revoked", TargetId = "key_1", Period = AuditAddress.Dates, FromDay = new(2026, 11, 1), ToDay = new(2026, 11, 3), Before = 17 };

        AuditAddress.Parse("http://localhost" + address).ShouldBe(address);
    }

    [Fact]
    public void What_makes_no_sense_in_a_url_is_left_out() =>
        AuditAddress.Parse("http://localhost/audit-log?period=fortnight&from=yesterday&before=-3&actor=&target=" + new string('x', 101)).ShouldBe(new AuditAddress());

    [Fact]
    public void Two_days_mean_both_whole_days_in_the_viewers_zone()
    {
        var filter = new AuditAddress { Period = AuditAddress.Dates, FromDay = new(2026, 11, 1), ToDay = new(2026, 11, 3) }.ToFilter(DateTimeOffset.UtcNow, Zurich);

        filter.From.ShouldBe(new DateTimeOffset(2026, 10, 31, 23, 0, 0, TimeSpan.Zero));
        filter.To.ShouldBe(new DateTimeOffset(2026, 11, 3, 23, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void A_change_shows_what_was_and_what_is()
    {
        var details = (JsonObject)JsonNode.Parse("""{"reason":"superseded","before":{"scopes":["a:read"],"name":"old"},"after":{"scopes":["a:read","b:*"],"name":"new","expires_at":null}}""")!;

        DetailLine.Of(details).ShouldBe(
        [
            new DetailLine(' ', "reason", "superseded"),
            new DetailLine('-', "scopes", "a:read"),
            new DetailLine('+', "scopes", "a:read, b:*"),
            new DetailLine('-', "name", "old"),
            new DetailLine('+', "name", "new"),
        ]);
    }
}
