using System.Net;
using KeyPortal.Access;
using KeyPortal.Primitives;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Support;

public static class PasskeyGiven
{
    /// <summary>Leaves a person without an authenticator app, so that a passkey is their first second factor.</summary>
    public static async Task WithoutAppAsync(this Portal portal, Actor person)
    {
        await using var db = portal.OpenDb();
        await db.Set<SecondFactor>().Where(f => f.UserId == person.MemberId).ExecuteDeleteAsync();
    }

    /// <summary>Gives a person a passkey, over the page on which people add theirs; their other sessions end with it.</summary>
    public static async Task PasskeyAsync(this Portal portal, Actor person, SoftwareAuthenticator authenticator, string name = "A passkey")
    {
        using var visitor = await PasskeyVisitor.SignedInAsync(portal, person);
        using var answer = await visitor.UseAsync(PasskeyVisitor.NewPage, authenticator, name);
        answer.StatusCode.ShouldBeOneOf([HttpStatusCode.OK, HttpStatusCode.Redirect], await answer.Content.ReadAsStringAsync());
        (await portal.Get<Passkeys>().ListAsync(person)).Value.ShouldContain(p => p.Name == name);
    }
}
