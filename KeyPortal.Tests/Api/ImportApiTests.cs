using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

public sealed class ImportApiTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private const string Path = Client.Keys + "/import";

    private static JsonObject Item(string name, string value, string algorithm = "sha256") =>
        new() { ["name"] = name, ["expires_in"] = "never", ["hash"] = new JsonObject { ["algorithm"] = algorithm, ["value"] = value } };

    private static JsonObject Body(params JsonNode[] items) => new() { ["keys"] = new JsonArray(items) };

    [Fact]
    public async Task Keys_come_in_by_their_hashes_and_validate_and_a_repeat_changes_nothing()
    {
        var client = await Client.OfAsync(shared.Portal, shared.Cast.Alice);
        var slow = Item("Slow", Imported.Bcrypt, "bcrypt");
        (slow["start"], slow["scopes"], slow["environment"], slow["metadata"]) = ("legacy_live_Zk3vQ9", new JsonArray("triggers:read"), "live", new JsonObject { ["old_id"] = "17" });

        var answer = (await client.PostAsync(Path, Body(slow, Item("Wrong", Imported.Key)))).Is(HttpStatusCode.OK);

        (answer["imported"].GetValue<int>(), answer["refused"].GetValue<int>()).ShouldBe((1, 1));
        var id = answer["data"][0]!["id"]!.GetValue<string>();
        var refused = answer["data"][1]!;
        (refused["index"]!.GetValue<int>(), refused["status"]!.GetValue<string>(), refused["id"], refused["code"]!.GetValue<string>()).ShouldBe((1, "refused", null, "validation_failed"));
        refused["errors"]![0]!["pointer"]!.GetValue<string>().ShouldBe("/keys/1/hash/value");
        answer.Json!.ToJsonString().ShouldNotContain(Imported.Key);
        var validated = (await client.ValidateAsync(Imported.Key)).Is(HttpStatusCode.OK);
        (validated.Code, validated.Text("key_id"), validated.Text("environment")).ShouldBe(("valid", id, "live"));
        (await client.With(Imported.Key).GetAsync("/api/v1/auth/key")).Is(HttpStatusCode.OK)["key"]["id"]!.GetValue<string>().ShouldBe(id);
        (await client.PostAsync("/api_keys/import", Body(slow.DeepClone()))).Is(HttpStatusCode.OK)["data"][0]!["code"]!.GetValue<string>().ShouldBe("duplicate");
    }

    [Theory]
    [InlineData("""{"keys":[]}""", 422, "validation_failed")]
    [InlineData("""{"keys":{}}""", 422, "validation_failed")]
    [InlineData("""{}""", 422, "validation_failed")]
    [InlineData("""{"keys":[{}],"more":1}""", 422, "validation_failed")]
    [InlineData("""[{}]""", 400, "malformed_json")]
    [InlineData("""{"keys":[""", 400, "malformed_json")]
    [InlineData("""{"keys":[{"name":"a","name":"b"}]}""", 400, "malformed_json")]
    [InlineData("""{"keys":[{"\ud800":1}]}""", 400, "malformed_json")]
    [InlineData("""{"keys":[{"name":"\ud800"}]}""", 400, "malformed_json")]
    public async Task A_body_that_is_no_import_is_refused_whole(string body, int status, string code) =>
        (await (await Client.OfAsync(shared.Portal, shared.Cast.Alice)).RawAsync(Path, body)).IsProblem(status, code);

    [Theory]
    [InlineData("""null""", "/keys/0")]
    [InlineData("""{"name":"x","hash":7}""", "/keys/0/hash")]
    [InlineData("""{"name":"x","key":"sk_live_0123456789ABCDEFGHIJKLMNOP2cbtEV","hash":{"algorithm":"sha256","value":"0"}}""", "/keys/0/key")]
    [InlineData("""{"name":"x","hash":{"algorithm":"sha256","value":5}}""", "/keys/0/hash/value")]
    [InlineData("""{"name":7,"hash":{}}""", "/keys/0/name")]
    [InlineData("""{"name":"x","scopes":["a:b",1],"hash":{}}""", "/keys/0/scopes/1")]
    [InlineData("""{"name":"x","metadata":{"a":1},"hash":{}}""", "/keys/0/metadata")]
    [InlineData("""{"name":"x","type":"agent","hash":{}}""", "/keys/0/type")]
    [InlineData("""{"name":"x","expires_at":"tomorrow","hash":{}}""", "/keys/0/expires_at")]
    [InlineData("""{"name":"x","expires_in":"30d","expires_at":null,"hash":{}}""", "/keys/0/expires_at")]
    public async Task An_item_of_the_wrong_form_is_refused_at_its_place(string item, string pointer)
    {
        var answer = (await (await Client.OfAsync(shared.Portal, shared.Cast.Alice)).RawAsync(Path, $$"""{"keys":[{{item}}]}""")).Is(HttpStatusCode.OK);

        answer["data"][0]!["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()).ShouldContain(pointer);
        answer.Json!.ToJsonString().ShouldNotContain("0123456789ABCDEFGHIJKLMNOP");
    }

    [Fact]
    public async Task Four_mebibytes_are_taken_and_more_is_413()
    {
        var client = await Client.OfAsync(shared.Portal, shared.Cast.Alice);
        string Padded(int length)
        {
            const string Rest = """{"keys":[{"name":"x","hash":{"algorithm":"md5","value":""}}]}""";
            return Rest + new string(' ', length - Rest.Length);
        }

        (await client.RawAsync(Path, Padded(4 << 20))).Is(HttpStatusCode.OK);
        (await client.RawAsync(Path, Padded((4 << 20) + 1))).Is(HttpStatusCode.RequestEntityTooLarge);
        (await client.RawAsync(Path, "{}", "text/plain")).Is(HttpStatusCode.UnsupportedMediaType);
    }
}
