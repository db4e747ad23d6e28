namespace KeyPortal.Offboarding.Pages;

/// <summary>What the dialog asks about the keys. Nothing is chosen beforehand: each answer stops something else.</summary>
public enum FateChoice
{
    Undecided,
    Transfer,
    Retire,
    Revoke,
}
