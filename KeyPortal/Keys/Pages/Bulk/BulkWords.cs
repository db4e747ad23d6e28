using KeyPortal.Keys.Bulk;

namespace KeyPortal.Keys.Pages.Bulk;

/// <summary>What acts on many keys say when they are done.</summary>
public static class BulkWords
{
    /// <summary><c>3 keys are revoked. Calls with them are refused for good. 1 of them was so already.</c></summary>
    public static string Of(BulkResult result, string done, string effect)
    {
        var already = result.Count - result.Changed;
        var all = $"{KeyWords.Count(result.Changed, "key is", "keys are")} {done}. {effect}";
        return already == 0 ? all : $"{all} {already:N0} of the {result.Count:N0} {(already == 1 ? "is" : "are")} left as {(already == 1 ? "it was" : "they were")}.";
    }

    /// <summary><c>3 keys</c>, or just the word while nobody knows how many.</summary>
    public static string Keys(BulkPreview? preview) => preview is null ? "the keys" : KeyWords.Count(preview.Count, "key", "keys");
}
