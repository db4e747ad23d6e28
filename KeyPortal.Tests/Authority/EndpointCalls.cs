using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Access;
using KeyPortal.Api.Description;
using KeyPortal.Api.ValidationCalls;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Routing;

namespace KeyPortal.Tests.Authority;

/// <summary>What a caller proves itself with.</summary>
public enum Credential
{
    None,

    /// <summary>A browser's session: no credential to the API, for a foreign page could make a browser send it.</summary>
    Cookie,

    /// <summary>The person's own access token.</summary>
    AccessToken,

    /// <summary>A key with all of KeyPortal's own scopes.</summary>
    Key,

    /// <summary>A key with all of them but the one the call needs.</summary>
    KeyWithoutScope,
}

/// <summary>How the matrix calls one route of the API.</summary>
internal static class EndpointCalls
{
    /// <summary>Bodies of the calls that want one, by operation.</summary>
    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["createKey"] = """{"name":"New"}""",
        ["importKeys"] = """{"keys":[{"name":"New","hash":{"algorithm":"md5","value":""}}]}""",
        ["replaceKey"] = """{"name":"Replaced"}""",
        ["changeKey"] = """{"name":"Changed"}""",
        ["changeKeys"] = """{"action":"revoke","filter":{"q":"no key has this name"}}""",
        ["validateKeys"] = """{"requests":[{"key":"sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4"}]}""",
        ["introspect"] = "token=sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4",
        ["replacePolicy"] = """{"default_expires_in":"90d","max_lifetime_seconds":null,"never_expires_allowed":true,"keys_per_member":100000,"default_grace_period_seconds":86400,"rotation_age_seconds":null,"networks_required_for_live":false,"approval_scopes":[],"limits_by_admins":false}""",
        ["replaceScopes"] = new JsonObject { ["data"] = new JsonArray([.. CatalogueScope.ForNew("").Select(s => new JsonObject { ["name"] = s.Name, ["description"] = s.Description, ["publishable"] = s.Publishable, ["read_only"] = s.ReadOnly })]) }.ToJsonString(),
        ["replaceTiers"] = """{"data":[{"name":"free"},{"name":"standard"},{"name":"unlimited"}]}""",
        ["validateKey"] = """{"key":"sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4"}""",
    };

    /// <summary>Is the call about one thing that somebody owns?</summary>
    public static bool IsAimed(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.Contains("{id}", StringComparison.Ordinal);

    /// <summary>Whose things the call is tried on.</summary>
    public static Whose[] AimsOf(RouteEndpoint endpoint) =>
        !IsAimed(endpoint) ? [Whose.Own]
        : endpoint.Metadata.GetMetadata<ApiOperation>()?.Act == Act.ApproveKeys ? CommandDriver.Others
        : CommandDriver.Everything;

    public static async Task<HttpStatusCode> SendAsync(MatrixStage stage, HttpClient http, RouteEndpoint endpoint, Actor actor, Credential credential, Whose whose)
    {
        var operation = endpoint.Metadata.GetRequiredMetadata<ApiOperation>();
        var path = "/" + endpoint.RoutePattern.RawText!.Trim('/');
        if (IsAimed(endpoint))
        {
            var holder = stage.Holder(actor, whose);
            path = path.Replace("{id}", operation.Act == Act.ApproveKeys ? await stage.PendingKeyAsync(holder) : await stage.KeyAsync(holder), StringComparison.Ordinal);
        }

        using var request = new HttpRequestMessage(new HttpMethod(endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0]), path);
        if (operation.Body is not null && (Bodies.TryGetValue(operation.Id, out var body) || !operation.BodyIsOptional))
        {
            request.Content = new StringContent(body ?? throw new InvalidOperationException($"The matrix has no body for {operation.Id}."), Encoding.UTF8, operation.BodyType);
        }

        await PresentAsync(stage, request, actor, credential, operation);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task PresentAsync(MatrixStage stage, HttpRequestMessage request, Actor actor, Credential credential, ApiOperation operation)
    {
        var header = "X-API-Key";
        if (operation.Credential == ApiCredential.Gateway)
        {
            header = ForwardAuthEndpoint.GatewayHeader;
            request.Headers.Add("X-API-Key", await stage.CredentialAsync(actor, OwnScopes.All));
        }

        switch (credential)
        {
            case Credential.Cookie:
                request.Headers.Add("Cookie", "keyportal=" + stage.Portal.CookieOf(await stage.Portal.SessionAsync(actor)));
                break;
            case Credential.AccessToken:
                request.Headers.Add("Authorization", "Bearer " + await stage.AccessTokenAsync(actor));
                break;
            case Credential.Key:
                request.Headers.Add(header, await stage.CredentialAsync(actor, OwnScopes.All));
                break;
            case Credential.KeyWithoutScope:
                request.Headers.Add(header, await stage.CredentialAsync(actor, OwnScopes.All.Where(s => s != Permissions.ScopeFor(operation.Act!.Value))));
                break;
        }
    }
}
