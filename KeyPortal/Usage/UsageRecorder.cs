namespace KeyPortal.Usage;

public sealed class UsageRecorder
{
    /// <summary>Counts one validation; never waits for a disk.</summary>
    public void Record(in UsageEvent validation)
    {
    }

    /// <summary>Notes that a management call was made with this key: moves its last use, counts no validation.</summary>
    public void Touch(string organizationId, string keyId, DateTimeOffset at, string? ip)
    {
    }
}
