using KeyPortal.Limits;
using Microsoft.Extensions.Logging.Abstractions;

namespace KeyPortal.Tests.Limits;

public sealed class LimitWarningsTests
{
    private readonly LimitWarnings _warnings = new(NullLogger<LimitWarnings>.Instance);

    [Fact]
    public void Each_is_handed_on_once()
    {
        List<LimitNear> told = [];
        _warnings.Near += told.Add;
        _warnings.Add(Near("key_1"));
        _warnings.Add(Near("key_2"));
        told.ShouldBeEmpty("a call does not wait for listeners");

        _warnings.Tell();
        _warnings.Tell();

        told.ShouldBe([Near("key_1"), Near("key_2")]);
    }

    [Fact]
    public void A_listener_that_fails_hinders_no_other_warning()
    {
        List<string> told = [];
        _warnings.Near += warning =>
        {
            told.Add(warning.KeyId);
            throw new InvalidOperationException("a listener's bug");
        };
        _warnings.Add(Near("key_1"));
        _warnings.Add(Near("key_2"));

        _warnings.Tell();

        told.ShouldBe(["key_1", "key_2"]);
    }

    private static LimitNear Near(string key) => new("org_1", key, "burst", default, DateTimeOffset.UnixEpoch);
}
