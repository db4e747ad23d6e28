using System.Diagnostics;
using KeyPortal.Access;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Bench;

/// <summary>
/// Does the time of an answer tell whether an e-mail address has an account? Pairs of the same act, one for an address with an account and one for an address
/// without, in random order, at the lowest bcrypt cost: a low one hides nothing.
/// </summary>
internal static class TimingRun
{
    /// <summary>An account is used so often at most, so that it is neither locked (five) nor out of mails (three).</summary>
    private const int UsesOfAnAccount = 3;

    private const int WarmUp = 60;

    public static async Task RunAsync(Options options)
    {
        var pairs = options.Number("pairs", 1000);
        var folder = Directory.CreateTempSubdirectory("keyportal-bench-").FullName;
        try
        {
            await using var instance = await Instance.CreateAsync(Path.Combine(folder, "data"),
                "--KeyPortal:Guesses:PerAddress=1000000", "--KeyPortal:PublicUrl=https://keys.example.com",
                "--KeyPortal:Mail:Host=127.0.0.1", "--KeyPortal:Mail:Security=none", "--KeyPortal:Mail:From=keys@example.com");
            await EnterAsync(instance, ((pairs + WarmUp) / UsesOfAnAccount) + 1);
            var (signIn, recovery) = (instance.Get<SignIn>(), instance.Get<PasswordRecovery>());
            await CompareAsync("sign-in, wrong password", pairs, email => signIn.WithPasswordAsync(email, "not the password of anybody", SessionKind.Browser, Origin.None));
            await CompareAsync("forgotten password", pairs, email => recovery.AskAsync(email, Origin.None));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync(string name, int pairs, Func<string, Task> act)
    {
        var random = new Random(20261121);
        var (known, unknown) = (new double[pairs], new double[pairs]);
        for (var i = -WarmUp; i < pairs; i++)
        {
            var account = $"member{(i + WarmUp) / UsesOfAnAccount:000000}@example.com";
            var nobody = $"nobody{(i + WarmUp) / UsesOfAnAccount:000000}@example.com";
            var knownFirst = random.Next(2) == 0;
            var first = await TimeAsync(act, knownFirst ? account : nobody);
            var second = await TimeAsync(act, knownFirst ? nobody : account);
            if (i >= 0)
            {
                (known[i], unknown[i]) = knownFirst ? (first, second) : (second, first);
            }
        }

        Report(name, known, unknown);
    }

    private static async Task<double> TimeAsync(Func<string, Task> act, string email)
    {
        var began = Stopwatch.GetTimestamp();
        await act(email);
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds;
    }

    private static void Report(string name, double[] known, double[] unknown)
    {
        var differences = known.Zip(unknown, (k, u) => k - u).ToArray();
        var mean = differences.Average();
        var error = 1.96 * Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (differences.Length - 1) / differences.Length);
        var slower = differences.Count(d => d > 0) / (double)differences.Length;
        var slowerError = 1.96 * Math.Sqrt(0.25 / differences.Length);
        Console.WriteLine($"{name}, {known.Length:#,0} pairs");
        Console.WriteLine($"  with an account     median {Median(known),9:#,0} µs   mean {known.Average(),9:#,0} µs");
        Console.WriteLine($"  without             median {Median(unknown),9:#,0} µs   mean {unknown.Average(),9:#,0} µs");
        Console.WriteLine($"  difference          median {Median(differences),9:#,0} µs   mean {mean,9:#,0} µs   (95 %: {mean - error:#,0} to {mean + error:#,0} µs)");
        Console.WriteLine($"  with an account took longer in {slower:P1} of the pairs (chance: {0.5 - slowerError:P1} to {0.5 + slowerError:P1})");
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    /// <summary>Rows straight into the database: what is measured is signing in, not joining.</summary>
    private static async Task EnterAsync(Instance instance, int accounts)
    {
        var hash = await instance.Get<PasswordGate>().HashAsync("a password of no consequence", CancellationToken.None);
        await using var db = instance.Get<IDbContextFactory<KeyPortalDb>>().CreateDbContext();
        for (var i = 0; i < accounts; i++)
        {
            var (id, email) = (EntityId.New(EntityId.User, DateTimeOffset.UtcNow), $"member{i:000000}@example.com");
            db.Add(new IdentityUser
            {
                Id = id,
                UserName = email,
                NormalizedUserName = email.ToUpperInvariant(),
                Email = email,
                NormalizedEmail = email.ToUpperInvariant(),
                PasswordHash = hash,
                LockoutEnabled = true,
            });
            db.Add(new Member { OrganizationId = instance.Owner.OrganizationId, UserId = id, Name = $"Member {i}", Role = Role.Developer, JoinedAt = DateTimeOffset.UtcNow });
        }

        await db.SaveChangesAsync();
    }
}
