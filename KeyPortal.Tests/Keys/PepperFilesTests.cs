using KeyPortal.Keys;
using KeyPortal.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace KeyPortal.Tests.Keys;

public sealed class PepperFilesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("keyportal-test-");

    public void Dispose() => _directory.Delete(recursive: true);

    private PepperFiles Files => new(new DataDirectory(_directory.FullName), NullLogger<PepperFiles>.Instance);

    [Fact]
    public void The_pepper_is_made_once_and_only_its_owner_reads_it()
    {
        using var made = new Peppers(Files);
        using var read = new Peppers(Files);

        read.Current.Id.ShouldBe(made.Current.Id);
        PlaintextKey.TryParse(PlaintextKeyTests.TestVector, out var key).ShouldBeTrue();
        read.Current.HashOf(key).ShouldBe(made.Current.HashOf(key));
        var file = _directory.GetFiles("*pepper-*").ShouldHaveSingleItem();
        file.Length.ShouldBe(Pepper.Size);
        if (!OperatingSystem.IsWindows())
        {
            file.UnixFileMode.ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public void The_newest_by_number_is_the_current_one()
    {
        foreach (var (id, content) in (ValueTuple<string, byte>[])[("0002-00000000", 2), ("0010-00000000", 3), ("0001-ffffffff", 1), ("9999-00000000", 4), ("10000-00000000", 5)])
        {
            Write(id, [.. Enumerable.Repeat(content, Pepper.Size)]);
        }

        using var peppers = new Peppers(Files);

        peppers.All.Select(p => p.Id).ShouldBe(["10000-00000000", "9999-00000000", "0010-00000000", "0002-00000000", "0001-ffffffff"]);
        using var next = Files.Prepare();
        next.Id.ShouldStartWith("10001-");
    }

    [Fact]
    public void What_an_interrupted_write_left_is_no_pepper_and_does_not_stop_the_start()
    {
        using var first = new Peppers(Files);
        using (Files.Prepare())
        {
            _directory.GetFiles("unfinished-pepper-*").ShouldHaveSingleItem();
        }

        using var second = new Peppers(Files);

        second.All.Select(p => p.Id).ShouldBe([first.Current.Id]);
        _directory.GetFiles("*pepper-*").ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("0002-deadbeef", 0)]
    [InlineData("0002-deadbeef", 31)]
    [InlineData("0002-deadbeef", 33)]
    [InlineData("0001-deadbeef.bak", 32)]
    [InlineData("old", 32)]
    public void A_file_that_is_no_pepper_is_passed_over_and_its_number_not_used_again(string id, int size)
    {
        Write(id, new byte[size]);

        using var peppers = new Peppers(Files);

        peppers.All.ShouldHaveSingleItem().Id.ShouldNotBe(id);
        peppers.Current.Id[..4].ShouldBe(id.StartsWith("0002", StringComparison.Ordinal) ? "0003" : "0001");
        File.Exists(Path.Combine(_directory.FullName, "pepper-" + id)).ShouldBeTrue("it is for a person to look at");
    }

    private void Write(string id, byte[] content) => File.WriteAllBytes(Path.Combine(_directory.FullName, "pepper-" + id), content);
}
