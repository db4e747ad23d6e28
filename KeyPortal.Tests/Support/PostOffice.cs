using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace KeyPortal.Tests.Support;

/// <summary>A mail as its recipient gets it.</summary>
public sealed partial record PostedMail(string From, string To, string Raw)
{
    public string Subject { get; } = Words().Replace(Header(Raw, "Subject"), word => Encoding.UTF8.GetString(Decode(word)));

    public string Text { get; } = Quoted().Replace(Raw[(Raw.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Replace("=\r\n", "", StringComparison.Ordinal),
        bytes => Encoding.UTF8.GetString(Convert.FromHexString(bytes.Value.Replace("=", "", StringComparison.Ordinal)))).ReplaceLineEndings("\n");

    /// <summary>The first link's path.</summary>
    public string Path => new Uri(Links().Match(Text).Value).AbsolutePath;

    /// <summary>What stands behind the first link's <c>#</c>.</summary>
    public string Fragment => new Uri(Links().Match(Text).Value).Fragment.TrimStart('#');

    public string Header(string name) => Header(Raw, name);

    private static string Header(string raw, string name) =>
        Regex.Match(raw, $"^{name}: (.*(?:\r\n[ \t].*)*)\r\n", RegexOptions.Multiline | RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)).Groups[1].Value.Replace("\r\n ", "", StringComparison.Ordinal);

    private static byte[] Decode(Match word) => word.Groups["how"].Value is "B" or "b"
        ? Convert.FromBase64String(word.Groups["what"].Value)
        : [.. Quoted().Replace(word.Groups["what"].Value.Replace('_', ' '), hex => Encoding.Latin1.GetString(Convert.FromHexString(hex.Value.Replace("=", "", StringComparison.Ordinal)))).Select(c => (byte)c)];

    [GeneratedRegex(@"=\?utf-8\?(?<how>[BQ])\?(?<what>[^?]*)\?=", RegexOptions.IgnoreCase)]
    private static partial Regex Words();

    [GeneratedRegex("(?:=[0-9A-F]{2})+")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"https?://\S+")]
    private static partial Regex Links();
}

/// <summary>An SMTP server (RFC 5321) on this machine that keeps what it takes.</summary>
public sealed class PostOffice : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _closing = new();
    private readonly Channel<PostedMail> _mails = Channel.CreateUnbounded<PostedMail>();
    private readonly Task _accepting;

    private PostOffice(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = false };
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>What the server says to <c>RCPT TO</c>.</summary>
    public string RecipientReply { get; set; } = "250 OK";

    /// <summary>What a portal needs to send here.</summary>
    public (string Name, string Value)[] Settings =>
        [("KeyPortal:Mail:Host", "127.0.0.1"), ("KeyPortal:Mail:Port", $"{Port}"), ("KeyPortal:Mail:Security", "none"), ("KeyPortal:Mail:From", "KeyPortal <keys@acme.example>"), ("KeyPortal:PublicUrl", "http://localhost")];

    public static PostOffice Open(int port = 0) => new(port);

    /// <summary>The next mail, however long it takes to come (within reason).</summary>
    public async Task<PostedMail> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await _mails.Reader.ReadAsync(patience.Token);
    }

    /// <summary>A mail that has come and was not taken yet; null when there is none.</summary>
    public PostedMail? Take() => _mails.Reader.TryRead(out var mail) ? mail : null;

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_closing.Token);
                await ServeAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task ServeAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        Task SayAsync(string line) => stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), _closing.Token).AsTask();
        await SayAsync("220 post.example ESMTP");
        var (from, to) = ("", "");
        while (await reader.ReadLineAsync(_closing.Token) is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await SayAsync("250 post.example");
                    break;
                case "MAIL":
                    from = line.Split('<', '>')[1];
                    await SayAsync("250 OK");
                    break;
                case "RCPT":
                    to = line.Split('<', '>')[1];
                    await SayAsync(RecipientReply);
                    break;
                case "DATA":
                    await SayAsync("354 Go on");
                    _mails.Writer.TryWrite(new PostedMail(from, to, await ReadDataAsync(reader)));
                    await SayAsync("250 Taken");
                    break;
                case "QUIT":
                    await SayAsync("221 Bye");
                    return;
                default:
                    await SayAsync("502 Not here");
                    break;
            }
        }
    }

    private async Task<string> ReadDataAsync(StreamReader reader)
    {
        var raw = new StringBuilder();
        while (await reader.ReadLineAsync(_closing.Token) is { } line && line != ".")
        {
            raw.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        return raw.ToString();
    }
}
