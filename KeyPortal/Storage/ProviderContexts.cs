using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Storage;

/// <summary>Hands out a provider's context under the name the rooms know it by; <see cref="IDbContextFactory{TContext}"/> is not covariant.</summary>
internal sealed class ProviderContexts<TKnown, TProvider>(IDbContextFactory<TProvider> contexts) : IDbContextFactory<TKnown>
    where TKnown : DbContext
    where TProvider : TKnown
{
    public TKnown CreateDbContext() => contexts.CreateDbContext();
}
