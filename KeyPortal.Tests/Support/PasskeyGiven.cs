using System.Net;
using KeyPortal.Access;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Support;

public static class PasskeyGiven
{
    /// <summary>Gives a person a passkey, over the page on which people add theirs; their other sessions end with it.</summary>
    public static async Task PasskeyAsync(this Portal portal, Actor person, SoftwareAuthenticator authenticator, string name = "A passkey")
    {
        using var visitor = await PasskeyVisitor.SignedInAsync(portal, person);
        using var answer = await visitor.UseAsync(PasskeyVisitor.NewPage, authenticator, name);
        answer.StatusCode.ShouldBeOneOf([HttpStatusCode.OK, HttpStatusCode.Redirect], await answer.Content.ReadAsStringAsync());
        (await portal.Get<Passkeys>().ListAsync(person)).Value.ShouldContain(p => p.Name == name);
    }
}
