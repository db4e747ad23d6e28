using System.Net;
using KeyPortal.Api.Description;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Routing;

namespace KeyPortal.Tests.Authority;

/// <summary>Every route of the API, as every role, with every kind of credential, on one's own, a colleague's and another organization's thing.</summary>
public sealed class EndpointMatrixTests(MatrixStage stage, ITestOutputHelper output) : IClassFixture<MatrixStage>
{
    [Fact]
    public async Task Every_endpoint_obeys_the_table()
    {
        using var http = stage.Portal.CreateClient();
        List<string> deviations = [];
        var cells = 0;
        var endpoints = AuthorityRows.Endpoints(stage.Portal).Where(e => e.Row.Act is not null && e.Endpoint.Metadata.GetMetadata<ApiOperation>() is not null).ToList();
        endpoints.Count.ShouldBeGreaterThan(15);
        foreach (var (endpoint, row) in endpoints)
        {
            foreach (var (role, credential, whose) in Cells(endpoint))
            {
                cells++;
                var expected = credential == Credential.AccessToken && endpoint.Metadata.GetRequiredMetadata<ApiOperation>().Credential == ApiCredential.Gateway
                    ? Answer.Unauthenticated // A gateway is no person.
                    : Expected(role, row.Act!.Value, credential, whose);
                var status = await EndpointCalls.SendAsync(stage, http, endpoint, stage.Of(role), credential, whose);
                if (Verdict(status) != expected)
                {
                    deviations.Add($"{row.Name} as {role} with {credential} on {whose}: {(int)status}");
                }
            }
        }

        output.WriteLine($"{endpoints.Count} endpoints, {cells} cells, {deviations.Count} deviations");
        deviations.ShouldBeEmpty();
    }

    private static IEnumerable<(Role Role, Credential Credential, Whose Whose)> Cells(RouteEndpoint endpoint) =>
        from role in Enum.GetValues<Role>()
        from credential in Enum.GetValues<Credential>()
        from whose in EndpointCalls.AimsOf(endpoint)
        select (role, credential, whose);

    private enum Answer
    {
        Done,
        Refused,
        Unauthenticated,
        Other,
    }

    private static Answer Expected(Role role, Act act, Credential credential, Whose whose) => credential switch
    {
        Credential.None or Credential.Cookie => Answer.Unauthenticated,
        Credential.AccessToken => MatrixStage.IsAllowed(role, act, whose) ? Answer.Done : Answer.Refused,
        Credential.Key => MatrixStage.IsAllowed(role, act, whose) && Permissions.ScopeFor(act) is not null ? Answer.Done : Answer.Refused,
        _ => Answer.Refused,
    };

    private static Answer Verdict(HttpStatusCode status) => status switch
    {
        >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => Answer.Done,
        HttpStatusCode.Forbidden or HttpStatusCode.NotFound => Answer.Refused,
        HttpStatusCode.Unauthorized => Answer.Unauthenticated,
        _ => Answer.Other,
    };
}
