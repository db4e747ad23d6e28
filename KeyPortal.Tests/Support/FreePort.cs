using System.Net;
using System.Net.Sockets;

namespace KeyPortal.Tests.Support;

internal static class FreePort
{
    /// <summary>A port on which nobody listens at this moment.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
