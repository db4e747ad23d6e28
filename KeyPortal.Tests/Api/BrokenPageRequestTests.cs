using System.Net;
using System.Net.Http.Headers;
using System.Text;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KeyPortal.Tests.Api;

/// <summary>Requests that no browser sends to a page. Anyone can send them, any number of times.</summary>
public sealed class BrokenPageRequestTests
{
    [Theory]
    [InlineData("a..b")]
    [InlineData("a:99999")]
    [InlineData("a!$b")]
    [InlineData("")]
    public async Task A_host_that_is_no_address_is_the_callers_mistake_and_not_logged(string host)
    {
        using var errors = new Errors();
        await using var portal = new Portal { Logs = errors };
        await Cast.EnterAsync(portal);

        var context = await portal.Server.SendAsync(c =>
        {
            c.Request.Path = "/sign-in";
            c.Request.Headers.Host = host;
        });

        context.Response.StatusCode.ShouldBe(StatusCodes.Status400BadRequest);
        errors.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("application/x-www-form-urlencoded; charset=utf-7")]
    public async Task A_form_that_is_none_is_the_callers_mistake_and_not_logged(string type)
    {
        using var errors = new Errors();
        await using var portal = new Portal { Logs = errors };
        await Cast.EnterAsync(portal);
        using var client = portal.CreateClient();
        using var form = new ByteArrayContent(Encoding.ASCII.GetBytes("{}")) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

        (await client.PostAsync("/sign-out", form)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        errors.Count.ShouldBe(0);
    }

    private sealed class Errors : ILoggerProvider, ILogger
    {
        private int _count;

        public int Count => _count;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Interlocked.Increment(ref _count);
            }
        }

        public void Dispose()
        {
        }
    }
}
