using System.Text.Json;
using System.Text.Json.Nodes;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Imports;

/// <summary>
/// Reads the items of an import from JSON, <c>{"keys":[{"name":…,"hash":{"algorithm":…,"value":…}}]}</c>: the body of the API's call and a file alike. What
/// is wrong with one item is that item's fault; the others stay good.
/// </summary>
public static class ImportReader
{
    private static readonly string[] Fields =
    [
        "name", "description", "type", "environment", "scopes", "expires_in", "expires_at", "not_before", "allowed_ips", "allowed_origins", "resources", "metadata", "tags", "rate_limits", "quotas", "tier",
        "rotation_age_seconds", "hash", "start",
    ];

    private static readonly string[] RateLimitFields = ["name", "algorithm", "limit", "window_seconds", "warn_at_percent"];
    private static readonly string[] QuotaFields = ["period", "limit", "mode", "warn_at_percent"];
    private static readonly string[] HashFields = ["algorithm", "value", "key_id"];
    private static readonly Refusal NoKeys = Refusal.Invalid("/keys", "An import is an object with a list of keys: {\"keys\":[{\"name\":\"…\",\"hash\":{\"algorithm\":\"sha256\",\"value\":\"…\"}}]}.");

    /// <summary>The items, whether good or not. Refuses what has no list of them.</summary>
    public static Outcome<IReadOnlyList<ImportItem>> Read(JsonNode? document)
    {
        try
        {
            return document is JsonObject { Count: 1 } whole && whole["keys"] is JsonArray keys ? keys.Select(ReadItem).ToList() : NoKeys;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // Fields are read when they are asked for: only now does it show that one is there twice, or has half of a surrogate pair for its name.
            return new Refusal(RefusalKind.Malformed, "malformed_json", "A field is given twice, or its name holds an unpaired surrogate.");
        }
    }

    private static ImportItem ReadItem(JsonNode? node)
    {
        var item = new ItemFields(node, "", Fields);
        var hash = new ItemFields(item["hash"], "/hash", HashFields);
        var type = item.Text("type");
        var environment = item.Text("environment");
        var rateLimits = item.Objects("rate_limits", LimitRules.MaxRateLimits, RateLimitFields);
        var quotas = item.Objects("quotas", LimitRules.MaxQuotas, QuotaFields);
        item.Must(type is null or "secret" or "publishable", "type", "The type is secret or publishable.");
        item.Must(environment is null or "test" or "live", "environment", "The environment is test or live.");
        return new ImportItem
        {
            Input = new KeyInput
            {
                Name = item.Text("name") ?? "",
                Description = item.Text("description"),
                Scopes = item.Texts("scopes"),
                Expiry = Expiry(item),
                NotBefore = Instant(item, "not_before"),
                AllowedIps = item.Texts("allowed_ips"),
                AllowedOrigins = item.Texts("allowed_origins"),
                Resources = item.Texts("resources"),
                Metadata = item.Map("metadata"),
                Tags = item.Texts("tags"),
                RateLimits = [.. rateLimits.Select(l => new RateLimitInput(l.Text("name"), l.Text("algorithm"), l.Number("limit"), l.Number("window_seconds"), l.Number("warn_at_percent")))],
                Quotas = [.. quotas.Select(q => new QuotaInput(q.Text("period"), q.Number("limit"), q.Text("mode"), q.Number("warn_at_percent")))],
                Tier = item.Text("tier"),
                RotationAgeSeconds = item.Number("rotation_age_seconds"),
            },
            Type = type == "publishable" ? KeyType.Publishable : KeyType.Secret,
            Environment = environment == "live" ? KeyEnvironment.Live : KeyEnvironment.Test,
            Hash = new HashInput(hash.Text("algorithm"), hash.Text("value"), hash.Text("key_id")),
            Start = item.Text("start"),
            Faults = [.. new[] { item, hash }.Concat(rateLimits).Concat(quotas).SelectMany(fields => fields.Faults)],
        };
    }

    private static ExpiryInput Expiry(ItemFields item)
    {
        var choice = default(ExpiryChoice);
        var span = item.Text("expires_in");
        item.Must(span is null || ExpiryChoices.TryParse(span, out choice), "expires_in", "The expiry is never, 30d, 90d or 1y.");
        item.Must(span is null || !item.Names("expires_at"), "expires_at", "Send expires_in or expires_at, not both.");
        return span is not null ? ExpiryInput.In(choice)
            : Instant(item, "expires_at") is { } at ? ExpiryInput.On(at)
            : item.Names("expires_at") ? ExpiryInput.In(ExpiryChoice.Never)
            : ExpiryInput.PolicyDefault;
    }

    private static DateTimeOffset? Instant(ItemFields item, string name)
    {
        var at = default(DateTimeOffset);
        var text = item.Text(name);
        item.Must(text is null || WireTime.TryParse(text, out at), name, WireTime.Rule);
        return text is null ? null : at;
    }

    /// <summary>The fields of one object, and what is wrong with them. No fault repeats a value: it may be a key in the wrong place.</summary>
    private sealed class ItemFields
    {
        private const int MaxName = 64;
        private readonly JsonObject _fields;
        private readonly string _at;
        private readonly List<FieldError> _faults = [];

        public ItemFields(JsonNode? node, string at, string[] known)
        {
            (_fields, _at) = (node as JsonObject ?? [], at);
            if (node is not JsonObject)
            {
                _faults.Add(new FieldError(at, "This must be an object."));
            }

            foreach (var (name, _) in _fields)
            {
                Must(known.Contains(name), name.Length > MaxName ? name[..MaxName] : name, "There is no such field. An import takes hashes only, never keys themselves.");
            }
        }

        public IReadOnlyList<FieldError> Faults => _faults;

        public JsonNode? this[string name] => _fields[name];

        public bool Names(string name) => _fields.ContainsKey(name);

        public void Must(bool holds, string name, string detail)
        {
            if (!holds)
            {
                _faults.Add(new FieldError($"{_at}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", detail));
            }
        }

        public string? Text(string name) => TextOf(_fields[name], name);

        public long? Number(string name)
        {
            var number = 0L;
            var isNumber = _fields[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out number);
            Must(_fields[name] is null || isNumber, name, "This must be a whole number.");
            return isNumber ? number : null;
        }

        public IReadOnlyList<string> Texts(string name)
        {
            Must(_fields[name] is null or JsonArray, name, "This must be a list of texts.");
            return _fields[name] is JsonArray list ? [.. list.Select((text, i) => TextOf(text, $"{name}/{i}", isNeeded: true) ?? "")] : [];
        }

        public IReadOnlyList<ItemFields> Objects(string name, int most, string[] known)
        {
            var list = _fields[name] as JsonArray;
            Must(_fields[name] is null || list is not null, name, "This must be a list of objects.");
            Must(!(list?.Count > most), name, $"This list may have {most} items at most; it has {list?.Count}.");
            return list?.Count <= most ? [.. list.Select((item, i) => new ItemFields(item, $"{_at}/{name}/{i}", known))] : [];
        }

        public IReadOnlyDictionary<string, string> Map(string name)
        {
            Must(_fields[name] is null or JsonObject, name, "This must be an object of texts.");
            return _fields[name] is JsonObject map ? map.ToDictionary(m => m.Key, m => TextOf(m.Value, name, isNeeded: true) ?? "", StringComparer.Ordinal) : new Dictionary<string, string>();
        }

        private string? TextOf(JsonNode? node, string place, bool isNeeded = false)
        {
            try
            {
                if (node is JsonValue value && value.GetValueKind() == JsonValueKind.String)
                {
                    return value.GetValue<string>();
                }
            }
            catch (InvalidOperationException)
            {
                _faults.Add(new FieldError($"{_at}/{place}", "This holds an unpaired surrogate."));
                return null;
            }

            if (node is not null || isNeeded)
            {
                _faults.Add(new FieldError($"{_at}/{place}", "This must be a text."));
            }

            return null;
        }
    }
}
