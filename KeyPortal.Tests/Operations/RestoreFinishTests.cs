using KeyPortal.Access;
using KeyPortal.Operations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Operations;

public sealed class RestoreFinishTests
{
    [Fact]
    public async Task After_a_restore_nobody_is_signed_in_and_no_half_sign_in_goes_on()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var session = await portal.SessionAsync(cast.Alice);
        var pending = (await portal.Get<SignIn>().WithPasswordAsync("alice@acme.example", Cast.Password, SessionKind.Browser, Origin.None)).Pending!.Token.Expose();
        (await portal.Get<SecondStep>().FindAsync(pending, SessionKind.Browser)).ShouldNotBeNull();

        await portal.Get<RestoreFinish>().RunAsync(Revived.Nothing, new BackupManifest(BackupManifest.CurrentFormat, "1", TestClock.Start, Secrets: false, [], []));

        (await portal.Get<Sessions>().FindLiveAsync(session.SessionId, session.UserId)).ShouldBeNull();
        (await portal.Get<SecondStep>().FindAsync(pending, SessionKind.Browser)).ShouldBeNull();
        await using var db = portal.OpenDb();
        (await db.Set<Session>().SingleAsync(s => s.Id == session.SessionId)).EndReason.ShouldBe(SessionEnd.Restored);
    }
}
