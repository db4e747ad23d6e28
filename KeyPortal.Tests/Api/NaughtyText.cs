namespace KeyPortal.Tests.Api;

/// <summary>Texts that have broken someone's program before.</summary>
internal static class NaughtyText
{
    /// <summary>Acceptable wherever free text is, up to 50 characters (the shortest bound of a text field), and kept byte for byte.</summary>
    public static readonly IReadOnlyList<string> Kept =
    [
        // Markup, scripts, templates and formulas.
        "<script>alert(1)</script>", "</title><img src=x onerror=alert(1)>", "\"><svg/onload=alert(1)>", "javascript:alert(1)", "<!-- -->", "<![CDATA[x]]>", "&lt;b&gt;&amp;",
        "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "@(1+1)", "{0} {1:x}", "%s%s%n", "=cmd|' /C calc'!A0", "=cmd()", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1",
        // Other languages' quotes.
        "'; DROP TABLE api_keys; --", "' OR '1'='1", "1; SELECT 1", "\\'; --", "%", "_", "%_%", "a%00b", "\\", "\\\\", "\\u0000", "\\n", "'", "\"", "`id`", "$(id)", "|| true", "& dir", "../../etc/passwd",
        "..\\..\\win.ini", "C:\\CON", "file:///etc/hosts", "NUL", "key\r\nX-Injected: 1", "line\nline", "tab\tbed", "a\rb",
        // Words programs take for something else.
        "null", "undefined", "NaN", "true", "0", "-0", "1e309", "0x1F", "1.0E+2", "[]", "{}", "[object Object]", "None", "nil", "Infinity", "constructor", "__proto__", "toString", "hasOwnProperty",
        // Control characters, and what has no width.
        "a\u0001b", "a\u0007b", "a\u001bb[31mred", "a\u007fb", "a\u0080b", "a\u0085b", "a\u00a0b", "a\u00adb", "a\u200bb", "a\u200cb", "a\u200db", "\u2060a", "\ufeffa", "a\u2028b", "a\u2029b", "a\ufffeb", "a\uffffb", "a\ufffdb",
        // Directions.
        "\u202Eabc\u202C", "\u2066a\u2069", "مرحبا", "שלום עולם", "a\u200fb", "\u061cab",
        // Scripts, compositions, lookalikes.
        "Ünïcödé", "e\u0301", "é", "Å", "A\u030a", "ﬁ", "Straße", "İstanbul", "ıI", "ΑΒΓ", "Привет", "日本語", "한국어", "ก็", "नमस्ते", "Z\u0351\u036f\u0360A\u0334\u0321L\u0310G\u0489O", "𝒜𝓑𝕮", "𠜎𠜱𠝹", "ａｂｃ", "①②", "аpple",
        // Emoji, in pieces and whole.
        "🔑", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇺🇳", "👍🏿", "1️⃣", "\U0001F9D1\u200D\U0001F680", "\U000E0061", "\U0010FFFF",
        // Blanks around and inside.
        " leading", "trailing ", "  a  b  ", "\u3000a\u3000", "a\u2003b",
    ];

    /// <summary>As JSON string literals, each of which must be refused and stored nowhere.</summary>
    public static readonly IReadOnlyList<string> RefusedLiterals =
    [
        "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00\"", "\"a\\ud83d\"", "\"\\udd11\\ud83d\"", "\"\\ud800\\ud800\"", "\"\\udbff\\u0041\"", "\"\u0000\"", "\"a\u0001\"", "\"a\nb\"", "\"\\x41\"", "\"\\u12\"", "\"open", "'single'",
    ];
}
