using KeyPortal.Tests.Architecture;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Authority;

public sealed class RolesDocumentTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    /// <summary><c>KEYPORTAL_PRINT_ROLES=1 dotnet test --filter FullyQualifiedName~RolesDocument</c> prints it anew.</summary>
    [Fact]
    public async Task The_page_about_roles_is_what_the_table_says()
    {
        var file = Path.Combine(SourceTree.Root, "docs", "roles.md");
        var printed = RolesDocument.Print(shared.Portal);
        if (Environment.GetEnvironmentVariable("KEYPORTAL_PRINT_ROLES") is not null)
        {
            await File.WriteAllTextAsync(file, printed);
        }

        (await File.ReadAllTextAsync(file)).ShouldBe(printed);
    }
}
