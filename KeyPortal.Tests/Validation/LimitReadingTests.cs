using KeyPortal.Primitives;
using KeyPortal.Tests.Limits;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Validation;

public sealed class LimitReadingTests
{
    [Fact]
    public async Task A_database_that_is_away_is_told_as_an_outage()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = (await portal.LimitedKeyAsync(cast.Alice, "Importer", LimitedCalls.OneAnHour)).Key;
        var reading = portal.Get<LimitReading>();
        await using (await UsageAway.TakeAsync(portal, "keyportal.db"))
        {
            await Should.ThrowAsync<StorageUnavailableException>(() => reading.ReadAsync(cast.Alice, key.Id));
        }

        (await reading.ReadAsync(cast.Alice, key.Id)).Value.ShouldHaveSingleItem().Name.ShouldBe("hourly");
    }
}
