using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api.KeyCalls;

/// <summary>Creates, lists, reads and changes keys.</summary>
internal sealed class KeyEndpoints(ApiCallers callers, KeyIssuance issuance, KeyQueries queries, KeyEditing editing, IdempotentCalls calls)
{
    public async Task CreateAsync(HttpContext context)
    {
        var issued = await ApiCall.RunAsync(context, callers, async actor =>
        {
            var read = await ReadAsync(context, actor);
            if (!read.Succeeded(out var body, out var refusal))
            {
                return refusal;
            }

            return await calls.RunAsync(context, actor,
                async once => KeyOnce.Of(await issuance.CreateAsync(actor, body.ToInput(), body.KeyType, body.KeyEnvironment, new CallTerms { Once = once }, context.RequestAborted)),
                async id => KeyOnce.Again(await queries.FindAsync(actor, id, context.RequestAborted)));
        });
        if (issued.Refusal is null)
        {
            context.Response.Headers.Location = $"{ApiRoutes.Keys}/{issued.Value.Key.Id}";
        }

        await ApiCall.AnswerAsync(context, issued, KeyAnswer.WriteIssued, issued => KeyAnswer.TagOf(issued.Key), StatusCodes.Status201Created);
    }

    public async Task ListAsync(HttpContext context) =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync(context, callers, async actor =>
            ListQuery.Read(context.Request.Query).Succeeded(out var query, out var refusal)
                ? await queries.ListAsync(actor, query.Filter, query.Limit, query.Cursor, context.RequestAborted)
                : refusal), KeyAnswer.WritePage);

    public async Task GetAsync(HttpContext context) =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync(context, callers, actor => queries.FindAsync(actor, ApiCall.KeyId(context), context.RequestAborted)), KeyAnswer.Write, KeyAnswer.TagOf);

    public Task ReplaceAsync(HttpContext context) => EditAsync(context, body => _ => body.ToInput());

    public Task ChangeAsync(HttpContext context) => EditAsync(context, body => body.MergeInto);

    private async Task EditAsync(HttpContext context, Func<KeyBody, Func<KeyInput, KeyInput>> changeOf) =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync(context, callers, async actor =>
        {
            var read = await ReadAsync(context, actor);
            if (!read.Succeeded(out var body, out var refusal))
            {
                return refusal;
            }

            var id = ApiCall.KeyId(context);
            return await RefuseOtherKindAsync(actor, id, body, context.RequestAborted)
                ?? await editing.EditAsync(actor, id, changeOf(body), KeyAnswer.TermsOf(context), context.RequestAborted);
        }), KeyAnswer.Write, KeyAnswer.TagOf);

    private async Task<Outcome<KeyView>?> RefuseOtherKindAsync(Actor actor, string keyId, KeyBody body, CancellationToken cancellationToken)
    {
        if (!body.NamesFixed)
        {
            return null;
        }

        var found = await queries.FindAsync(actor, keyId, cancellationToken);
        return found.Succeeded(out var key, out var refusal)
            ? body.CheckFixed(key) is { } other ? other : (Outcome<KeyView>?)null
            : refusal;
    }

    private static async Task<Outcome<KeyBody>> ReadAsync(HttpContext context, Actor actor)
    {
        var read = await JsonBody.ReadAsync(context, ApiJson.Default.KeyBody, JsonBody.KeyLimit);
        return read.Refusal is not null ? read
            : read.Value.OrganizationId is { } named && PresentedCredential.RefuseElsewhere(actor.OrganizationId, named) is { } elsewhere ? elsewhere
            : read.Value.CheckForm() is { } broken ? broken
            : read;
    }
}
