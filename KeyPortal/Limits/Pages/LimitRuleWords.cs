namespace KeyPortal.Limits.Pages;

/// <summary>Why somebody cannot set limits.</summary>
internal static class LimitRuleWords
{
    public const string Sentence = "Your organization's policy leaves limits to owners and admins.";
}
