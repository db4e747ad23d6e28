using KeyPortal.Primitives;
using System.Text.Json;
using KeyPortal.Api;
using KeyPortal.Api.ValidationCalls;

namespace KeyPortal.Tests.Api;

public sealed class ValidationAnswerTests
{
    [Theory]
    [InlineData("2027-01-31T09:00:00Z")]
    [InlineData("2027-01-31T09:00:00.1Z")]
    [InlineData("2027-12-31T23:59:59.012Z")]
    [InlineData("1970-01-01T00:00:00.001Z")]
    [InlineData("9999-12-31T23:59:59.999Z")]
    public void An_instant_is_written_as_everywhere_else(string text)
    {
        WireTime.TryParse(text, out var at).ShouldBeTrue();

        Written(at).ShouldBe($$"""{"at":"{{text}}"}""");
        WireTime.Of(at).ShouldBe(text);
        Written(at.ToOffset(TimeSpan.FromHours(-5))).ShouldBe(Written(at));
    }

    [Fact]
    public void No_instant_is_null() => Written(null).ShouldBe("""{"at":null}""");

    private static string Written(DateTimeOffset? at)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            ValidationAnswer.WriteInstant(json, "at"u8, at);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }
}
