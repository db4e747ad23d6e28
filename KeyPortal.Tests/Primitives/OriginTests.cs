using KeyPortal.Primitives;

namespace KeyPortal.Tests.Primitives;

public sealed class OriginTests
{
    [Fact]
    public void A_user_agent_of_any_length_is_kept_short()
    {
        new Origin(null, new string('x', 30_000), null).UserAgent!.Length.ShouldBe(Origin.MaxUserAgentLength);
        new Origin(null, "curl/8", null).UserAgent.ShouldBe("curl/8");
        Origin.None.UserAgent.ShouldBeNull();
    }
}
