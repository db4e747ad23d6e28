using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys;

public sealed class SecretQueriesTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    [Fact]
    public async Task A_new_key_has_one_secret_known_by_its_start()
    {
        var key = await shared.Portal.KeyAsync(shared.Cast.Dora);

        var secrets = (await shared.Portal.Get<SecretQueries>().ListAsync(shared.Cast.Dora, key.Key.Id)).Value;

        secrets.ShouldHaveSingleItem().ShouldBe(new SecretView(1, key.Plaintext.Start, key.Key.CreatedAt, null, null, null));
    }

    [Fact]
    public async Task Secrets_of_a_key_that_is_not_the_actors_to_see_do_not_exist()
    {
        var key = (await shared.Portal.KeyAsync(shared.Cast.Dora)).Key;
        var secrets = shared.Portal.Get<SecretQueries>();

        (await secrets.ListAsync(shared.Cast.Dan, key.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await secrets.ListAsync(shared.Cast.Olaf, key.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
    }
}
