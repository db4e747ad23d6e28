using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Overview.Pages;
using KeyPortal.Primitives;
using KeyPortal.Usage;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Authority;

/// <summary>How the matrix calls one command, and what it takes from the answer.</summary>
/// <param name="Try">Calls the command as the actor on a thing of somebody's; true when it was done, false when it was refused or showed nothing of that thing.</param>
/// <param name="Aims">Whose things it is tried on; one's own only where the command is about no particular thing.</param>
internal sealed record CommandDriver(Func<MatrixStage, Actor, Whose, Task<bool>> Try, params Whose[] Aims)
{
    public static readonly Whose[] Everything = Enum.GetValues<Whose>();

    /// <summary>For what is done to others and never to oneself.</summary>
    public static readonly Whose[] Others = [Whose.Colleagues, Whose.Foreign];
}

/// <summary>One driver a command, by the command's name.</summary>
internal static partial class CommandDrivers
{
    public static IReadOnlyDictionary<string, CommandDriver> All { get; } = Keys.Concat(Imports).Concat(Reading).Concat(Account).Concat(Members).Concat(Policies).Concat(Bulk).ToDictionary();

    private static IEnumerable<KeyValuePair<string, CommandDriver>> Keys =>
    [
        new("KeyIssuance.CreateAsync", Unaimed((s, a) => s.Get<KeyIssuance>().CreateAsync(a, new KeyInput { Name = "New" }, KeyType.Secret, KeyEnvironment.Test))),
        new("KeyEditing.EditAsync", OnKey((s, a, key) => s.Get<KeyEditing>().EditAsync(a, key, i => i with { Name = "Edited" }))),
        new("KeyRevocation.RevokeAsync", OnKey((s, a, key) => s.Get<KeyRevocation>().RevokeAsync(a, key, RevocationReason.Unspecified))),
        new("KeyRevocation.RetireAsync", OnKey((s, a, key) => s.Get<KeyRevocation>().RetireAsync(a, key, RevocationReason.Unspecified, TimeSpan.FromDays(1)))),
        new("KeyRotation.RotateAsync", OnKey((s, a, key) => s.Get<KeyRotation>().RotateAsync(a, key, new RotationInput()))),
        new("KeyRotation.EndPreviousAsync", OnKey(async (s, a, key) =>
        {
            await s.RotateAsync(key);
            return await s.Get<KeyRotation>().EndPreviousAsync(a, key, s.Portal.Clock.Now);
        })),
        new("KeySuspension.DisableAsync", OnKey((s, a, key) => s.Get<KeySuspension>().DisableAsync(a, key))),
        new("KeySuspension.EnableAsync", OnKey((s, a, key) => s.Get<KeySuspension>().EnableAsync(a, key))),
        new("KeyQueries.FindAsync", OnKey((s, a, key) => s.Get<KeyQueries>().FindAsync(a, key))),
        new("KeyQueries.ListAsync", OnKey(async (s, a, key) =>
        {
            string? cursor = null;
            do
            {
                if (!(await s.Get<KeyQueries>().ListAsync(a, new KeyFilter(), 200, cursor)).Succeeded(out var page, out var refusal) || page.Items.Any(k => k.Id == key))
                {
                    return refusal ?? (Outcome<bool>)true;
                }

                cursor = page.NextCursor;
            }
            while (cursor is not null);
            return Shown([], key);
        })),
        new("KeyQueries.FindManyAsync", OnKey(async (s, a, key) => Shown((await s.Get<KeyQueries>().FindManyAsync(a, [key])).Select(k => k.Id), key))),
        new("KeyQueries.CountAsync", Unaimed((s, a) => s.Get<KeyQueries>().CountAsync(a))),
        new("RotationQueries.DueByAsync", OnKey(async (s, a, key) =>
        {
            await s.AgeAsync(key);
            return (await s.Get<RotationQueries>().DueByAsync(a, s.Portal.Clock.Now.AddDays(2), 10_000)).Succeeded(out var due, out var refusal) ? Shown(due.Select(k => k.Id), key) : refusal;
        })),
        new("SecretQueries.ListAsync", OnKey((s, a, key) => s.Get<SecretQueries>().ListAsync(a, key))),
    ];

    private static IEnumerable<KeyValuePair<string, CommandDriver>> Reading =>
    [
        new("AuditReader.ListAsync", Unaimed((s, a) => s.Get<AuditReader>().ListAsync(a, new AuditFilter(), 10, null))),
        new("AuditReader.FacetsAsync", Unaimed((s, a) => s.Get<AuditReader>().FacetsAsync(a))),
        new("OverviewReader.ReadAsync", Unaimed((s, a) => s.Get<OverviewReader>().ReadAsync(a, UsagePeriod.Days7))),
        new("UsageQueries.SeriesAsync", OnKey((s, a, key) => s.Get<UsageQueries>().SeriesAsync(a, UsagePeriod.Hours24, key))),
        new("UsageQueries.BetweenAsync", OnKey((s, a, key) => s.Get<UsageQueries>().BetweenAsync(a, UsageSpan.Of(s.Portal.Clock.Now.AddHours(-1), s.Portal.Clock.Now, UsageInterval.Hour, s.Portal.Clock.Now).Value, key))),
        new("UsageQueries.SummaryAsync", OnKey((s, a, key) => s.Get<UsageQueries>().SummaryAsync(a, UsagePeriod.Hours24, key))),
        new("UsageQueries.RefusalsAsync", OnKey((s, a, key) => s.Get<UsageQueries>().RefusalsAsync(a, UsagePeriod.Hours24, key))),
        new("UsageQueries.BySecretAsync", OnKey((s, a, key) => s.Get<UsageQueries>().BySecretAsync(a, key, UsagePeriod.Hours24))),
        new("UsageQueries.TalliesAsync", OnKey((s, a, key) => s.Get<UsageQueries>().TalliesAsync(a, key))),
        new("ChangePreview.PreviewAsync", OnKey((s, a, key) => s.Get<ChangePreview>().PreviewAsync(a, key, [], []))),
        new("LimitPreview.PreviewAsync", OnKey((s, a, key) => s.Get<LimitPreview>().PreviewAsync(a, key, new WantedLimits([], [], null)))),
        new("LimitPreview.BusiestAsync", OnUsedKey(async (s, a, key) => (await s.Get<LimitPreview>().BusiestAsync(a, 10_000)).Succeeded(out var busiest, out _) && busiest.Any(b => b.KeyId == key))),
        new("DemandQueries.OfKeyAsync", OnKey((s, a, key) => s.Get<DemandQueries>().OfKeyAsync(a, key, DemandQueries.Longest))),
        new("DemandQueries.BusiestAsync", OnUsedKey(async (s, a, key) => (await s.Get<DemandQueries>().BusiestAsync(a, DemandQueries.Longest, 10_000)).Succeeded(out var busiest, out _) && busiest.Any(b => b.KeyId == key))),
        new("ViolationQueries.ListAsync", OnKey((s, a, key) => s.Get<ViolationQueries>().ListAsync(a, DateTimeOffset.UnixEpoch, key))),
        new("ViolationQueries.SummaryAsync", OnKey((s, a, key) => s.Get<ViolationQueries>().SummaryAsync(a, DateTimeOffset.UnixEpoch, key))),
        new("LimitReading.ReadAsync", OnKey((s, a, key) => s.Get<LimitReading>().ReadAsync(a, key))),
        new("UsageQueries.SparklinesAsync", OnUsedKey(async (s, a, key) => (await s.Get<UsageQueries>().SparklinesAsync(a, [key])).Succeeded(out var lines, out _) && lines.Any(line => line.Value.Sum() > 0))),
        new("UsageQueries.BusiestKeysAsync", OnUsedKey(async (s, a, key) => (await s.Get<UsageQueries>().BusiestKeysAsync(a, UsagePeriod.Hours24, 10_000)).Succeeded(out var busiest, out _) && busiest.Any(u => u.KeyId == key))),
        new("Membership.ListAsync", new(async (s, a, whose) => (await s.Get<Membership>().ListAsync(a)).Any(m => m.UserId == s.Holder(a, whose).MemberId), CommandDriver.Everything)),
    ];

    private static CommandDriver Unaimed<T>(Func<MatrixStage, Actor, Task<Outcome<T>>> act) => new(async (s, a, _) => IsDone(await act(s, a)), Whose.Own);

    private static CommandDriver OnKey<T>(Func<MatrixStage, Actor, string, Task<Outcome<T>>> act) =>
        new(async (s, a, whose) => IsDone(await act(s, a, await s.KeyAsync(s.Holder(a, whose)))), CommandDriver.Everything);

    /// <summary>A key that has been called once, so that there is something to see.</summary>
    private static CommandDriver OnUsedKey(Func<MatrixStage, Actor, string, Task<bool>> sees) => new(async (s, a, whose) =>
    {
        var holder = s.Holder(a, whose);
        var request = new ValidationRequest { Key = await s.CredentialAsync(holder, []) };
        return await sees(s, a, (await s.Get<KeyValidator>().ValidateAsync(holder.OrganizationId, request)).Key!.KeyId);
    }, CommandDriver.Everything);

    /// <summary>Done, or refused for want of a right. Anything else is a driver that asks for what cannot be.</summary>
    private static bool IsDone<T>(Outcome<T> outcome) => outcome.Refusal switch
    {
        null => true,
        { Kind: RefusalKind.NotAllowed or RefusalKind.NotFound } => false,
        var other => throw new InvalidOperationException($"{other.Code}: {other.Detail}"),
    };

    private static Outcome<bool> Shown(IEnumerable<string> ids, string id) => ids.Contains(id) ? true : Refusal.NotFound("key");
}
