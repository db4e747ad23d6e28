using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KeyPortal.Bench;

/// <summary>What one round saw.</summary>
internal sealed record LoadFigures(int Requests, TimeSpan Took, TimeSpan P50, TimeSpan P99, TimeSpan ServerCpu)
{
    public double PerSecond => Requests / Took.TotalSeconds;

    public double ServerMicrosecondsEach => ServerCpu.TotalMicroseconds / Requests;
}

/// <summary>
/// Keeps a number of connections busy, each with one request under way. Blocking sockets and a thread a connection: client and server share the
/// processors, so what the client spends the server cannot have, and this is the cheapest client there is without leaving .NET.
/// </summary>
internal static class Load
{
    /// <exception cref="InvalidDataException">An answer was not the expected one: figures for wrong answers are worth nothing.</exception>
    public static LoadFigures Run(ServerProcess server, ValidateCall[] calls, int connections, TimeSpan duration)
    {
        var (cpu, began) = (server.CpuTime, Stopwatch.GetTimestamp());
        var until = began + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        Exception? failure = null;
        var latencies = new List<long>[connections];
        var threads = Enumerable.Range(0, connections).Select(n => new Thread(() =>
        {
            try
            {
                latencies[n] = Drive(server.Port, calls, first: n * calls.Length / connections, until);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        var took = Stopwatch.GetElapsedTime(began);
        var spent = server.CpuTime - cpu;
        if (failure is not null)
        {
            throw new InvalidDataException($"Port {server.Port}: {failure.Message}", failure);
        }

        long[] all = [.. latencies.SelectMany(l => l)];
        Array.Sort(all);
        return new LoadFigures(all.Length, took, Quantile(all, 0.50), Quantile(all, 0.99), spent);
    }

    private static List<long> Drive(int port, ValidateCall[] calls, int first, long until)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        var latencies = new List<long>(1 << 17);
        var buffer = new byte[16 * 1024];
        long now;
        var next = first;
        do
        {
            var call = calls[next];
            next = next + 1 == calls.Length ? 0 : next + 1;
            var began = Stopwatch.GetTimestamp();
            socket.Send(call.Request);
            Receive(socket, buffer, call.Expected);
            now = Stopwatch.GetTimestamp();
            latencies.Add(now - began);
        }
        while (now < until);
        return latencies;
    }

    private static void Receive(Socket socket, byte[] buffer, byte[] expected)
    {
        var (length, total) = (0, int.MaxValue);
        var body = 0;
        while (length < total)
        {
            var got = socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None);
            length += got;
            if (got == 0)
            {
                throw new InvalidDataException("The server closed the connection.");
            }

            if (total == int.MaxValue && buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            {
                body = end + 4;
                total = body + ContentLength(buffer.AsSpan(0, end));
            }
        }

        if (!buffer.AsSpan().StartsWith("HTTP/1.1 200 "u8) || !buffer.AsSpan(body, total - body).StartsWith(expected))
        {
            throw new InvalidDataException($"Not the answer expected: {Encoding.UTF8.GetString(buffer, 0, length)}");
        }
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "Content-Length: "u8;
        var at = head.IndexOf(name);
        return at >= 0 && System.Buffers.Text.Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _)
            ? length
            : throw new InvalidDataException($"An answer without a length: {Encoding.UTF8.GetString(head)}");
    }

    private static TimeSpan Quantile(long[] sorted, double share) =>
        Stopwatch.GetElapsedTime(0, sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))]);
}
