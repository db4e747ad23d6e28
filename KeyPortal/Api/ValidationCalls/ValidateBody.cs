using System.Text.Json;
using System.Text.Json.Serialization;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api.ValidationCalls;

/// <summary>What <c>POST /api/v1/api-keys/validate</c> takes. Plain setters: the generated reader would set absent <c>init</c> properties to zero, not to their defaults.</summary>
internal sealed class ValidateBody
{
    /// <summary>As the client presented it, whatever that is; only its absence is the caller's mistake.</summary>
    public string? Key { get; set; }

    public ScopeDemand? Scopes { get; set; }

    public string? Resource { get; set; }

    public string? Ip { get; set; }

    public string? Origin { get; set; }

    public string? Environment { get; set; }

    /// <summary>Which of the caller's endpoints is called; for its usage charts.</summary>
    public string? Endpoint { get; set; }

    /// <summary>What the call spends of each of the key's limits.</summary>
    public long Cost { get; set; } = 1;

    private const int MaxTextLength = 2000;

    /// <summary>The question as the domain knows it, with the demand that <see cref="ToDemand"/> has read.</summary>
    public ValidationRequest ToRequest(KeyDemand demand, bool fresh) => new() { Key = Key, Demand = demand, Cost = Cost, Fresh = fresh };

    /// <summary>The demand as the domain knows it, or every field that breaks a rule.</summary>
    public Outcome<KeyDemand> ToDemand()
    {
        List<FieldError>? errors = null;
        void Fail(string pointer, string detail) => (errors ??= []).Add(new FieldError(pointer, detail));
        void Text(string? text, string pointer, string name)
        {
            if (text is not null && TextRules.Check(text, name, 0, MaxTextLength) is { } broken)
            {
                Fail(pointer, broken);
            }
        }

        if (Key is null)
        {
            Fail("/key", "The key to be validated is required.");
        }

        Text(Resource, "/resource", "The resource");
        Text(Endpoint, "/endpoint", "The endpoint");
        Text(Origin, "/origin", "The origin");
        if (Ip is not null && !AllowedNetwork.TryParseAddress(Ip, out _))
        {
            Fail("/ip", "The ip must be an IPv4 or IPv6 address.");
        }

        var environment = default(KeyEnvironment);
        if (Environment is not null && !SnakeCase.TryParse(Environment, out environment))
        {
            Fail("/environment", "The environment is test or live.");
        }

        if (Cost is < 1 or > LimitRules.MaxLimit)
        {
            Fail("/cost", $"The cost is a whole number from 1 to {LimitRules.MaxLimit:N0}.");
        }

        var scopes = Scopes?.Parse(Fail);
        return errors is not null
            ? Refusal.Invalid(errors)
            : new KeyDemand { Scopes = scopes, Resource = Resource, Ip = Ip, Origin = Origin, Environment = Environment is null ? null : environment };
    }
}

/// <summary>The scopes a call needs: a list, all of which are needed, or an expression with AND, OR and parentheses.</summary>
[JsonConverter(typeof(Reader))]
internal sealed record ScopeDemand(IReadOnlyList<string>? List, string? Expression)
{
    public ScopeExpression? Parse(Action<string, string> fail)
    {
        if (Expression is not null)
        {
            if (ScopeExpression.TryParse(Expression, out var expression))
            {
                return expression;
            }

            fail("/scopes", "An expression joins scopes with AND, OR and parentheses: a:read AND (b:read OR b:write).");
            return null;
        }

        var scopes = new List<Scope>(List!.Count);
        for (var i = 0; i < List.Count; i++)
        {
            if (i >= 100)
            {
                fail("/scopes", "A call may need 100 scopes at most.");
                break;
            }

            if (Scope.TryParse(List[i], out var scope))
            {
                scopes.Add(scope);
            }
            else
            {
                fail($"/scopes/{i}", "A scope has the form resource:action, such as triggers:read.");
            }
        }

        return ScopeExpression.All(scopes);
    }

    internal sealed class Reader : JsonConverter<ScopeDemand>
    {
        public override ScopeDemand Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                return new ScopeDemand(null, reader.GetString());
            }

            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException();
            }

            List<string> list = [];
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                list.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException());
            }

            return new ScopeDemand(list, null);
        }

        public override void Write(Utf8JsonWriter writer, ScopeDemand value, JsonSerializerOptions options) => throw new NotSupportedException("A demand is only read.");
    }
}
