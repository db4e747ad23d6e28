using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Audit;

namespace KeyPortal.Tests.Audit;

public sealed class CanonicalJsonTests
{
    [Fact]
    public void Names_sort_by_their_utf16_code_units()
    {
        var map = new JsonObject();
        foreach (var name in (string[])["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"])
        {
            map[name] = 0;
        }

        Text(map).ShouldBe("{\"\\r\":0,\"1\":0,\"\u0080\":0,\"\u00f6\":0,\"\u20ac\":0,\"\U0001f600\":0,\"\ufb33\":0}");
    }

    [Theory]
    [InlineData("""{ "b" : [ 1 , true, null ], "a" : { "d" : false, "c" : -0 } }""", """{"a":{"c":0,"d":false},"b":[1,true,null]}""")]
    [InlineData("\"\\u0000\\u001f\\u0008\\t\\n\\f\\r\\\"\\\\\\/\"", "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\"")]
    [InlineData("\"\\u20ac\\u007f\\u2028<>&'+\"", "\"\u20ac\u007f\u2028<>&'+\"")]
    [InlineData("9007199254740991", "9007199254740991")]
    [InlineData("{}", "{}")]
    public void Every_value_has_one_spelling(string json, string canonical) => Text(JsonNode.Parse(json)).ShouldBe(canonical);

    [Theory]
    [InlineData("1.5")]
    [InlineData("9007199254740992")]
    [InlineData("-9007199254740992")]
    [InlineData("1e3")]
    public void A_number_with_more_than_one_spelling_is_refused(string json) => Should.Throw<ArgumentException>(() => CanonicalJson.Serialize(JsonNode.Parse(json)));

    [Fact]
    public void A_lone_surrogate_is_refused() => Should.Throw<ArgumentException>(() => CanonicalJson.Serialize(JsonValue.Create("\ud800")));

    private static string Text(JsonNode? node) => Encoding.UTF8.GetString(CanonicalJson.Serialize(node));
}
