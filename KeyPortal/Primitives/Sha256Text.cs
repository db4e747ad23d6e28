using System.Security.Cryptography;
using System.Text;

namespace KeyPortal.Primitives;

/// <summary>base64(SHA-256(secret)): what slow hashes are made of here. 44 characters whatever the secret's length, and no zero byte.</summary>
public static class Sha256Text
{
    public static string Of(string secret) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
