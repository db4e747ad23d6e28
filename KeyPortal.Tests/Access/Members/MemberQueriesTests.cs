using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Access.Members;

public sealed class MemberQueriesTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private readonly Cast _cast = shared.Cast;
    private readonly MemberQueries _queries = shared.Portal.Get<MemberQueries>();

    [Fact]
    public async Task Members_come_by_name_page_by_page()
    {
        List<string> names = [];
        string? cursor = null;
        do
        {
            var page = (await _queries.ListAsync(_cast.Audrey, new MemberFilter(), 2, cursor)).Value;
            page.Total.ShouldBe(5);
            names.AddRange(page.Items.Select(m => m.Name));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        names.ShouldBe(["Alice", "Andy", "Audrey", "Dan", "Dora"]);
    }

    [Fact]
    public async Task What_members_do_elsewhere_does_not_show_here()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var olaf = await portal.OlafJoinsAcmeAsync(cast);
        var joined = portal.Clock.Now;
        async Task<DateTimeOffset?> LastAsync() =>
            (await portal.Get<MemberQueries>().ListAsync(cast.Alice, new MemberFilter { Search = "olaf" }, 1, null)).Value.Items.ShouldHaveSingleItem().LastActAt;
        portal.Clock.Advance(TimeSpan.FromHours(1));

        var session = await portal.SignInFullyAsync("olaf@umbra.example", Origin.None);
        await portal.Get<SignIn>().WithPasswordAsync("olaf@umbra.example", "wrong password", SessionKind.Browser, Origin.None);
        await portal.Get<PasswordChange>().ChangeAsync(cast.Olaf with { SessionId = session.SessionId }, Cast.Password, "seven quiet lamps burn");
        await portal.Get<RecoveryCodeRenewal>().RenewAsync(cast.Olaf with { SessionId = (await portal.SessionAsync(cast.Olaf)).SessionId });
        await portal.Get<OrganizationChange>().RenameAsync(cast.Olaf, "Penumbra");
        (await LastAsync()).ShouldBe(joined);

        await portal.Get<MemberNaming>().RenameSelfAsync(olaf, "Olaf at Acme");
        (await LastAsync()).ShouldBe(portal.Clock.Now);
    }

    [Fact]
    public async Task A_developer_sees_themselves_alone_and_no_invitation()
    {
        await shared.Portal.InvitedAsync(_cast.Alice, "guest@acme.example");

        (await _queries.ListAsync(_cast.Dora, new MemberFilter(), 50, null)).Value.Items.ShouldHaveSingleItem().Email.ShouldBe("dora@acme.example");
        (await _queries.InvitationsAsync(_cast.Dora)).Value.ShouldBeEmpty();
        (await _queries.CountAsync(_cast.Dora)).Value.ShouldBe(new MemberCounts(1, 0, 0, 0));
        (await _queries.InvitationsAsync(_cast.Olaf)).Value.ShouldBeEmpty();
        (await _queries.InvitationsAsync(_cast.Audrey)).Value.ShouldHaveSingleItem().InvitedByName.ShouldBe("Alice");
    }

    [Theory]
    [InlineData("AND", null, 1)]
    [InlineData("@ACME.example", null, 5)]
    [InlineData("umbra", null, 0)]
    [InlineData(null, Role.Developer, 2)]
    [InlineData("dan", Role.Developer, 1)]
    public async Task Filters_narrow(string? search, Role? role, int found) =>
        (await _queries.ListAsync(_cast.Alice, new MemberFilter { Search = search, Role = role }, 50, null)).Value.Total.ShouldBe(found);

    [Fact]
    public async Task Filters_know_state_and_second_factor()
    {
        (await _queries.ListAsync(_cast.Alice, new MemberFilter { State = MemberState.Disabled }, 50, null)).Value.Total.ShouldBe(0);
        (await _queries.ListAsync(_cast.Alice, new MemberFilter { HasSecondFactor = false }, 50, null)).Value.Total.ShouldBe(0);
        (await _queries.ListAsync(_cast.Alice, new MemberFilter { HasSecondFactor = true }, 50, null)).Value.Total.ShouldBe(5);
    }

    [Fact]
    public async Task A_cursor_of_another_list_is_refused() =>
        (await _queries.ListAsync(_cast.Alice, new MemberFilter(), 50, "nonsense")).Refusal!.Kind.ShouldBe(RefusalKind.Invalid);
}
