namespace KeyPortal.Api;

/// <summary>The parts of the OpenAPI document that no route says of itself.</summary>
internal static class ApiSchemas
{
    public const string Document = """
        {
          "openapi": "3.1.1",
          "info": { "title": "KeyPortal", "version": "v1", "description": "Create, change, revoke and validate API keys." },
          "security": [{ "bearer": [] }, { "apiKey": [] }],
          "tags": [{ "name": "keys", "description": "API keys" }, { "name": "auth", "description": "The caller itself" }, { "name": "sign-in", "description": "Programs that act for a person" }],
          "components": {
            "securitySchemes": {
              "bearer": { "type": "http", "scheme": "bearer", "description": "A secret key, or a member's access token: Authorization: Bearer sk_live_…" },
              "apiKey": { "type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A secret key in a header of its own; never an access token." }
            },
            "headers": {
              "X-Request-Id": { "description": "Names this request; the audit log and the server's log have it too.", "schema": { "type": "string", "pattern": "^req_" } },
              "Location": { "description": "Where the key's record is.", "schema": { "type": "string", "format": "uri-reference" } },
              "WWW-Authenticate": { "description": "How to authenticate.", "schema": { "type": "string" } },
              "Retry-After": { "description": "Seconds to wait.", "schema": { "type": "integer" } }
            },
            "parameters": {
              "id": { "name": "id", "in": "path", "required": true, "description": "The key's id.", "schema": { "type": "string" }, "example": "key_01kajx3v5m8zqk4r0w2c6n1t9e" },
              "organization_id": { "name": "organization_id", "in": "query", "description": "A member of several organizations names one (422 without). With a key, its own; another one is 404.", "schema": { "type": "string" } },
              "limit": { "name": "limit", "in": "query", "description": "Rows of a page.", "schema": { "type": "integer", "minimum": 1, "maximum": 200, "default": 50 } },
              "cursor": { "name": "cursor", "in": "query", "description": "next_cursor of the page before.", "schema": { "type": "string" } },
              "status": { "name": "status", "in": "query", "schema": { "type": "string", "enum": ["pending", "active", "disabled", "retiring", "expired", "revoked"] } },
              "environment": { "name": "environment", "in": "query", "schema": { "type": "string", "enum": ["test", "live"] } },
              "type": { "name": "type", "in": "query", "schema": { "type": "string", "enum": ["secret", "publishable", "agent"] } },
              "owner_id": { "name": "owner_id", "in": "query", "schema": { "type": "string" } },
              "scope": { "name": "scope", "in": "query", "description": "Keys that hold this scope or the wildcard that covers it.", "schema": { "type": "string" }, "example": "triggers:read" },
              "q": { "name": "q", "in": "query", "description": "Part of a name, description, start or owner's name, in any case.", "schema": { "type": "string", "maxLength": 200 } },
              "last_used_before": { "name": "last_used_before", "in": "query", "description": "Never used counts as before.", "schema": { "type": "string", "format": "date-time" } },
              "expires_before": { "name": "expires_before", "in": "query", "schema": { "type": "string", "format": "date-time" } },
              "sort": { "name": "sort", "in": "query", "schema": { "type": "string", "default": "-created_at", "enum": ["created_at", "-created_at", "name", "-name", "last_used_at", "-last_used_at", "expires_at", "-expires_at"] } }
            }
          }
        }
        """;

    public const string Schemas = """
        {
          "Rules": {
            "type": "object",
            "properties": {
              "name": { "type": "string", "minLength": 1, "maxLength": 120, "examples": ["Billing worker"] },
              "description": { "type": ["string", "null"], "maxLength": 2000 },
              "type": { "type": ["string", "null"], "enum": ["secret", "publishable", null], "default": "secret", "description": "Cannot change." },
              "environment": { "type": ["string", "null"], "enum": ["test", "live", null], "default": "test", "description": "Cannot change." },
              "organization_id": { "type": ["string", "null"] },
              "scopes": { "type": "array", "maxItems": 50, "items": { "type": "string" }, "examples": [["triggers:read"]] },
              "expires_in": { "type": ["string", "null"], "enum": ["never", "30d", "90d", "1y", null], "description": "Or expires_at, not both. Neither: the policy's default." },
              "expires_at": { "type": ["string", "null"], "format": "date-time", "description": "Null: never." },
              "not_before": { "type": ["string", "null"], "format": "date-time" },
              "allowed_ips": { "type": "array", "maxItems": 100, "items": { "type": "string" }, "examples": [["10.0.0.0/8"]] },
              "allowed_origins": { "type": "array", "maxItems": 100, "items": { "type": "string" }, "description": "Publishable keys only." },
              "resources": { "type": "array", "maxItems": 100, "items": { "type": "string", "minLength": 1, "maxLength": 500 } },
              "metadata": { "type": "object", "maxProperties": 50, "additionalProperties": { "type": "string", "maxLength": 500 } },
              "tags": { "type": "array", "maxItems": 20, "items": { "type": "string", "minLength": 1, "maxLength": 50 } }
            },
            "unevaluatedProperties": false
          },
          "KeyRequest": { "allOf": [{ "$ref": "#/components/schemas/Rules" }], "required": ["name"], "examples": [{ "name": "Billing worker", "environment": "live", "scopes": ["triggers:read"], "expires_in": "90d" }] },
          "KeyPatch": { "allOf": [{ "$ref": "#/components/schemas/Rules" }], "examples": [{ "description": null, "tags": ["billing"] }] },
          "RevokeRequest": {
            "type": "object",
            "properties": {
              "reason": { "type": ["string", "null"], "enum": ["unspecified", "key_compromise", "superseded", "affiliation_changed", "privilege_withdrawn", null] },
              "retire_in_seconds": { "type": ["integer", "null"], "minimum": 0, "maximum": 31536000, "description": "Announces the end instead of making it now." }
            },
            "additionalProperties": false,
            "examples": [{ "reason": "key_compromise" }, { "reason": "superseded", "retire_in_seconds": 604800 }]
          },
          "RotateRequest": {
            "type": "object",
            "properties": {
              "grace_period_seconds": { "type": ["integer", "null"], "minimum": 0, "maximum": 2592000, "description": "How long the old secret stays good; the policy's default if absent, 0 ends it at once." },
              "force": { "type": ["boolean", "null"], "default": false, "description": "End a secret that is still within an earlier rotation's grace period." }
            },
            "additionalProperties": false,
            "examples": [{ "grace_period_seconds": 86400 }]
          },
          "Owner": {
            "type": "object",
            "required": ["type", "id"],
            "properties": { "type": { "type": "string", "enum": ["member"] }, "id": { "type": "string" }, "name": { "type": "string" } }
          },
          "Key": {
            "type": "object",
            "required": ["id", "name", "description", "organization_id", "owner", "agent_id", "type", "environment", "start", "status", "not_before", "scopes", "allowed_ips", "allowed_origins", "resources", "rate_limits", "quotas", "metadata", "tags", "created_at", "created_by", "expires_at", "last_used_at", "last_used_ip", "rotated_at", "previous_valid_until", "revoked_at", "revoked_by", "revocation_reason", "secret_version"],
            "properties": {
              "id": { "type": "string", "examples": ["key_01kajx3v5m8zqk4r0w2c6n1t9e"] },
              "name": { "type": "string" },
              "description": { "type": ["string", "null"] },
              "organization_id": { "type": "string" },
              "owner": { "$ref": "#/components/schemas/Owner" },
              "agent_id": { "type": "null" },
              "type": { "type": "string", "enum": ["secret", "publishable", "agent"] },
              "environment": { "type": "string", "enum": ["test", "live"] },
              "start": { "type": "string", "examples": ["sk_live_012345"] },
              "status": { "type": "string", "enum": ["pending", "active", "disabled", "retiring", "expired", "revoked"] },
              "not_before": { "type": ["string", "null"], "format": "date-time" },
              "scopes": { "type": "array", "items": { "type": "string" } },
              "allowed_ips": { "type": "array", "items": { "type": "string" } },
              "allowed_origins": { "type": "array", "items": { "type": "string" } },
              "resources": { "type": "array", "items": { "type": "string" } },
              "rate_limits": { "type": "array", "maxItems": 0, "items": {} },
              "quotas": { "type": "array", "maxItems": 0, "items": {} },
              "metadata": { "type": "object", "additionalProperties": { "type": "string" } },
              "tags": { "type": "array", "items": { "type": "string" } },
              "created_at": { "type": "string", "format": "date-time" },
              "created_by": { "type": "string", "description": "The member or key that made it." },
              "expires_at": { "type": ["string", "null"], "format": "date-time" },
              "last_used_at": { "type": ["string", "null"], "format": "date-time", "description": "May lag a minute." },
              "last_used_ip": { "type": ["string", "null"] },
              "rotated_at": { "type": ["string", "null"], "format": "date-time" },
              "previous_valid_until": { "type": ["string", "null"], "format": "date-time" },
              "revoked_at": { "type": ["string", "null"], "format": "date-time" },
              "revoked_by": { "type": ["string", "null"] },
              "revocation_reason": { "type": ["string", "null"] },
              "secret_version": { "type": "integer", "minimum": 1 }
            }
          },
          "IssuedKey": {
            "allOf": [{ "$ref": "#/components/schemas/Key" }],
            "type": "object",
            "required": ["key"],
            "properties": { "key": { "type": "string", "description": "The key itself, this once.", "examples": ["sk_live_0123456789ABCDEFGHIJKLMNOP2cbtEV"] } }
          },
          "KeyPage": {
            "type": "object",
            "required": ["data", "total", "next_cursor"],
            "properties": {
              "data": { "type": "array", "items": { "$ref": "#/components/schemas/Key" } },
              "total": { "type": "integer" },
              "next_cursor": { "type": ["string", "null"] }
            }
          },
          "ValidateRequest": {
            "type": "object",
            "required": ["key"],
            "properties": {
              "key": { "type": "string", "description": "As the client presented it." },
              "scopes": { "anyOf": [{ "type": "array", "maxItems": 100, "items": { "type": "string" } }, { "type": "string", "maxLength": 2000 }, { "type": "null" }], "description": "All of a list, or an expression with AND, OR and parentheses." },
              "resource": { "type": ["string", "null"], "maxLength": 2000 },
              "ip": { "type": ["string", "null"] },
              "origin": { "type": ["string", "null"], "maxLength": 2000 },
              "environment": { "type": ["string", "null"], "enum": ["test", "live", null] },
              "endpoint": { "type": ["string", "null"], "maxLength": 2000 },
              "cost": { "type": "integer", "minimum": 1, "maximum": 1000000000, "default": 1 }
            },
            "additionalProperties": false,
            "examples": [{ "key": "sk_live_0123456789ABCDEFGHIJKLMNOP2cbtEV", "scopes": ["triggers:read"], "ip": "203.0.113.9" }]
          },
          "Validation": {
            "type": "object",
            "required": ["valid", "code", "warnings", "rate_limits", "quotas", "headers", "request_id"],
            "properties": {
              "valid": { "type": "boolean" },
              "code": { "$ref": "#/components/schemas/ValidationCode" },
              "key_id": { "type": "string" },
              "organization_id": { "type": "string" },
              "name": { "type": "string" },
              "type": { "type": "string", "enum": ["secret", "publishable", "agent"] },
              "environment": { "type": "string", "enum": ["test", "live"] },
              "owner": { "$ref": "#/components/schemas/Owner" },
              "agent": { "type": "null" },
              "scopes": { "type": "array", "items": { "type": "string" } },
              "resources": { "type": "array", "items": { "type": "string" } },
              "expires_at": { "type": ["string", "null"], "format": "date-time" },
              "metadata": { "type": "object", "additionalProperties": { "type": "string" } },
              "reasons": {
                "type": "array",
                "description": "Every check that failed; only where valid is false.",
                "items": { "type": "object", "required": ["code", "detail"], "properties": { "code": { "$ref": "#/components/schemas/ValidationCode" }, "detail": { "type": "string" } } }
              },
              "warnings": { "type": "array", "items": { "type": "object", "required": ["code", "detail"], "properties": { "code": { "type": "string", "enum": ["retiring", "superseded"] }, "detail": { "type": "string" } } } },
              "rate_limits": { "type": "array", "maxItems": 0, "items": {} },
              "quotas": { "type": "array", "maxItems": 0, "items": {} },
              "headers": { "type": "object" },
              "request_id": { "type": "string" }
            },
            "examples": [{ "valid": false, "code": "malformed", "reasons": [{ "code": "malformed", "detail": "This is not a KeyPortal key, or it was cut or mistyped: its form or checksum is wrong." }], "warnings": [], "rate_limits": [], "quotas": [], "headers": {}, "request_id": "req_01kajx3v5m0000000000000000" }]
          },
          "ValidationCode": { "type": "string", "enum": ["valid", "malformed", "not_found", "revoked", "disabled", "expired", "not_yet_valid", "agent_suspended", "environment_mismatch", "ip_not_allowed", "origin_not_allowed", "insufficient_scope", "resource_not_allowed"] },
          "Self": {
            "type": "object",
            "required": ["key", "organization", "agent", "scopes", "resources", "limits"],
            "properties": {
              "key": { "$ref": "#/components/schemas/Key" },
              "organization": { "type": "object", "required": ["id", "name"], "properties": { "id": { "type": "string" }, "name": { "type": "string" } } },
              "agent": { "type": "null" },
              "scopes": { "type": "array", "items": { "type": "string" } },
              "resources": { "type": "array", "items": { "type": "string" } },
              "limits": { "type": "object", "required": ["rate_limits", "quotas"], "properties": { "rate_limits": { "type": "array", "maxItems": 0, "items": {} }, "quotas": { "type": "array", "maxItems": 0, "items": {} } } }
            }
          },
          "LoginRequest": {
            "type": "object",
            "required": ["email", "password"],
            "properties": { "email": { "type": "string", "maxLength": 254 }, "password": { "type": "string", "maxLength": 128 } },
            "additionalProperties": false,
            "examples": [{ "email": "alice@acme.example", "password": "correct horse battery staple" }]
          },
          "SecondFactorRequired": {
            "type": "object",
            "required": ["status", "challenge_token", "methods"],
            "properties": {
              "status": { "type": "string", "enum": ["two_factor_required"] },
              "challenge_token": { "type": "string", "description": "Opaque; good for five minutes and one sign-in." },
              "methods": { "type": "array", "items": { "type": "string", "enum": ["totp", "recovery_code", "passkey"] }, "description": "Passkeys work in a browser only." }
            }
          },
          "SecondFactorRequest": {
            "type": "object",
            "required": ["challenge_token"],
            "properties": {
              "challenge_token": { "type": "string" },
              "code": { "type": ["string", "null"], "description": "The authenticator app's; works once." },
              "recovery_code": { "type": ["string", "null"], "description": "In place of code." }
            },
            "additionalProperties": false,
            "examples": [{ "challenge_token": "0WpZ…", "code": "123456" }]
          },
          "RefreshRequest": {
            "type": "object",
            "required": ["refresh_token"],
            "properties": { "refresh_token": { "type": "string" } },
            "additionalProperties": false
          },
          "Tokens": {
            "type": "object",
            "required": ["access_token", "token_type", "expires_in", "refresh_token"],
            "properties": {
              "access_token": { "type": "string" },
              "token_type": { "type": "string", "enum": ["Bearer"] },
              "expires_in": { "type": "integer", "description": "Seconds." },
              "refresh_token": { "type": "string", "description": "Opaque; works once. Used twice, it ends the session." }
            }
          },
          "JsonWebKeySet": {
            "type": "object",
            "required": ["keys"],
            "properties": {
              "keys": {
                "type": "array",
                "items": {
                  "type": "object",
                  "required": ["kty", "crv", "x", "y", "use", "alg", "kid"],
                  "properties": {
                    "kty": { "type": "string", "enum": ["EC"] }, "crv": { "type": "string", "enum": ["P-256"] }, "x": { "type": "string" }, "y": { "type": "string" },
                    "use": { "type": "string", "enum": ["sig"] }, "alg": { "type": "string", "enum": ["ES256"] }, "kid": { "type": "string" }
                  }
                }
              }
            }
          },
          "Problem": {
            "type": "object",
            "description": "RFC 9457 problem details.",
            "required": ["type", "title", "status", "detail", "code", "request_id"],
            "properties": {
              "type": { "type": "string" },
              "title": { "type": "string" },
              "status": { "type": "integer" },
              "detail": { "type": "string" },
              "code": { "type": "string", "description": "Stable; what programs should look at." },
              "request_id": { "type": "string" },
              "errors": { "type": "array", "items": { "type": "object", "required": ["pointer", "detail"], "properties": { "pointer": { "type": "string" }, "detail": { "type": "string" } } } }
            },
            "examples": [{ "type": "about:blank", "title": "Unprocessable Entity", "status": 422, "detail": "Name is required.", "code": "validation_failed", "request_id": "req_01kajx3v5m0000000000000000", "errors": [{ "pointer": "/name", "detail": "Name is required." }] }]
          }
        }
        """;
}
