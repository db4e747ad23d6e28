using KeyPortal.Tests.Authority;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Architecture;

/// <summary>
/// Nothing acts without a row of the role × act table, or a reason why it needs none: <c>[Needs(Act.…)]</c> or <c>[NeedsNothing("…")]</c> on the
/// command or page, <c>Act</c> on the <c>ApiOperation</c>, <c>WithMetadata(…)</c> on any other endpoint.
/// </summary>
public sealed class AuthorityRowTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    [Fact]
    public void Every_command_has_a_row()
    {
        AuthorityRows.Commands.Count.ShouldBeGreaterThan(15);
        AuthorityRows.Commands.Where(c => !c.Row.IsKnown).Select(c => c.Row.Name).ShouldBeEmpty();
    }

    [Fact]
    public void Every_page_has_a_row()
    {
        AuthorityRows.Pages.Count.ShouldBeGreaterThan(5);
        AuthorityRows.Pages.Where(p => !p.Row.IsKnown).Select(p => p.Row.Name).ShouldBeEmpty();
    }

    [Fact]
    public void Every_endpoint_has_a_row()
    {
        var endpoints = AuthorityRows.Endpoints(shared.Portal);
        endpoints.Count.ShouldBeGreaterThan(20);
        endpoints.Where(e => !e.Row.IsKnown).Select(e => e.Row.Name).ShouldBeEmpty();
    }
}
