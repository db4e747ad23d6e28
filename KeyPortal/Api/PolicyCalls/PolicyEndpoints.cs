using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api.PolicyCalls;

/// <summary>Reads and replaces the policy, the catalogue of scopes and the tiers.</summary>
internal sealed class PolicyEndpoints(ApiCallers callers, PolicyEditing policies, CatalogueEditing catalogues, TierEditing tiers)
{
    public Task GetPolicyAsync(HttpContext context) => AnswerAsync(context, actor => policies.ReadAsync(actor, context.RequestAborted), PolicyAnswer.Write);

    public Task PutPolicyAsync(HttpContext context) => PutAsync<PolicyBody, PolicyBody, OrganizationPolicy>(context, ApiJson.Default.PolicyBody, body => body, (actor, wanted) =>
        policies.EditAsync(actor, wanted.MergeInto, Expected<OrganizationPolicy>(context, PolicyAnswer.Write), context.RequestAborted), PolicyAnswer.Write);

    public Task GetCatalogueAsync(HttpContext context) => AnswerAsync(context, actor => catalogues.ReadAsync(actor, context.RequestAborted), PolicyAnswer.WriteCatalogue);

    public Task PutCatalogueAsync(HttpContext context) => PutAsync(context, ApiJson.Default.CatalogueBody, body => body.ToInput(), (actor, wanted) =>
        catalogues.EditAsync(actor, _ => wanted, Expected<IReadOnlyList<CatalogueScope>>(context, PolicyAnswer.WriteCatalogue), context.RequestAborted), PolicyAnswer.WriteCatalogue);

    public Task GetTiersAsync(HttpContext context) => AnswerAsync(context, actor => tiers.ReadAsync(actor, context.RequestAborted), LimitsAnswer.WriteTiers);

    public Task PutTiersAsync(HttpContext context) => PutAsync(context, ApiJson.Default.TiersBody, body => body.ToChange(), (actor, change) =>
        tiers.EditAsync(actor, change, Expected<TierList>(context, LimitsAnswer.WriteTiers), context.RequestAborted), LimitsAnswer.WriteTiers);

    /// <summary>Is it still what <c>If-Match</c> names? Null where the header is absent.</summary>
    private static Func<T, bool>? Expected<T>(HttpContext context, Action<Utf8JsonWriter, T> write)
    {
        var ifMatch = context.Request.Headers.IfMatch;
        return ifMatch.Count == 0 ? null : present => ETag.IsWanted(ifMatch, () => ETag.Of(present, write));
    }

    private Task PutAsync<TBody, TInput, T>(
        HttpContext context, JsonTypeInfo<TBody> type, Func<TBody, Outcome<TInput>> inputOf, Func<Actor, TInput, Task<Outcome<T>>> act, Action<Utf8JsonWriter, T> write) where TBody : class =>
        AnswerAsync(context, async actor =>
        {
            var read = await JsonBody.ReadAsync(context, type, JsonBody.KeyLimit);
            return !read.Succeeded(out var body, out var unread) ? unread
                : !inputOf(body).Succeeded(out var wanted, out var broken) ? broken
                : await act(actor, wanted);
        }, write);

    private async Task AnswerAsync<T>(HttpContext context, Func<Actor, Task<Outcome<T>>> act, Action<Utf8JsonWriter, T> write) =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync(context, callers, act), write, value => ETag.Of(value, write));
}
