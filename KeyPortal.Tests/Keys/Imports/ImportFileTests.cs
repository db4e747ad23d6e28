using System.Text;
using KeyPortal.Keys;
using KeyPortal.Keys.Imports;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Keys.Imports;

public sealed class ImportFileTests
{
    private static Outcome<IReadOnlyList<ImportItem>> Read(string name, string text) => ImportFile.Read(name, Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData("keys.csv", "name,type,environment,algorithm,hash,key_id,start,scopes,tags,metadata.old_id,expires_in\n\"Billing, main\",publishable,live,hmac-sha256,00ff,legacy,legacy_l,a:read|b:read,one|two words,17,1y\n")]
    [InlineData("KEYS.CSV", "\ufeffname;type;environment;algorithm;hash;key_id;start;scopes;tags;metadata.old_id;expires_in\r\nBilling, main;publishable;live;hmac-sha256;00ff;legacy;legacy_l;a:read|b:read;one|two words;17;1y\r\n")]
    [InlineData("keys.json", """{"keys":[{"name":"Billing, main","type":"publishable","environment":"live","hash":{"algorithm":"hmac-sha256","value":"00ff","key_id":"legacy"},"start":"legacy_l","scopes":["a:read","b:read"],"tags":["one","two words"],"metadata":{"old_id":"17"},"expires_in":"1y"}]}""")]
    [InlineData("keys", """[{"name":"Billing, main","type":"publishable","environment":"live","hash":{"algorithm":"hmac-sha256","value":"00ff","key_id":"legacy"},"start":"legacy_l","scopes":["a:read","b:read"],"tags":["one","two words"],"metadata":{"old_id":"17"},"expires_in":"1y"}]""")]
    public void Both_forms_say_the_same(string name, string text)
    {
        var item = Read(name, text).Value.ShouldHaveSingleItem();

        item.Faults.ShouldBeEmpty();
        (item.Input.Name, item.Type, item.Environment, item.Start, item.Hash).ShouldBe(("Billing, main", KeyType.Publishable, KeyEnvironment.Live, "legacy_l", new HashInput("hmac-sha256", "00ff", "legacy")));
        item.Input.Scopes.ShouldBe(["a:read", "b:read"]);
        item.Input.Tags.ShouldBe(["one", "two words"]);
        item.Input.Metadata.ShouldBe(new Dictionary<string, string> { ["old_id"] = "17" });
        item.Input.Expiry.ShouldBe(ExpiryInput.In(ExpiryChoice.Year1));
    }

    [Fact]
    public void An_empty_cell_is_a_field_that_is_not_there_and_an_unknown_column_a_fault()
    {
        var items = Read("keys.csv", "name,hash,algorithm,description,expires_at,key\nOne,00,sha256,,,\nTwo,00,sha256,,,sk_live_0123456789ABCDEFGHIJKLMNOP2cbtEV\n").Value;

        (items[0].Input.Description, items[0].Input.Expiry, items[0].Start, items[0].Faults.Count).ShouldBe((null, ExpiryInput.PolicyDefault, null, 0));
        var fault = items[1].Faults.ShouldHaveSingleItem();
        fault.Pointer.ShouldBe("/key");
        fault.Detail.ShouldContain("never keys");
    }

    [Theory]
    [InlineData("keys.json", "")]
    [InlineData("keys.json", "{\"keys\":[")]
    [InlineData("keys.json", "name,hash\nOne,00")]
    [InlineData("keys.json", "{\"keys\":[{\"name\":\"a\",\"name\":\"b\"}]}")]
    [InlineData("keys.json", "7")]
    [InlineData("keys.csv", "name,hash\nOne\n")]
    [InlineData("keys.csv", "name,hash\nOne,00,sk_live_secret\n")]
    [InlineData("keys.csv", "name,name\nOne,Two\n")]
    [InlineData("keys.csv", "name,hash\n\"One,00\n")]
    public void What_is_neither_is_refused_in_words_that_repeat_nothing_of_it(string name, string text)
    {
        var refusal = Read(name, text).Refusal.ShouldNotBeNull();

        refusal.Detail.ShouldNotContain("sk_live_secret");
        refusal.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/keys");
    }

    [Theory]
    [InlineData("")]
    [InlineData("name,hash\n")]
    public void An_empty_CSV_has_no_keys(string text) => Read("keys.csv", text).Value.ShouldBeEmpty();
}
