using KeyPortal.Primitives;

namespace KeyPortal.Keys.Imports;

/// <summary>A hash that was read and may be kept. No message about a wrong one repeats it: it may be a key that was put in the wrong place.</summary>
internal sealed record ImportedHash(VerifierScheme Scheme, string Verifier, byte[]? Fast, string? KeyId)
{
    // What others chose is computed here for everybody who presents a key with that start.
    private const int MaxBcryptCost = 14;
    private const long MaxArgon2Kib = 256 * 1024;
    private const long MaxArgon2Passes = 10;
    private const long MaxArgon2Lanes = 16;

    private const string NeverAKey = "An import takes hashes only, never keys themselves.";

    private static readonly System.Buffers.SearchValues<char> LowerHex = System.Buffers.SearchValues.Create("0123456789abcdef");

    /// <summary>Null when something is wrong, which <paramref name="fail"/> then hears of.</summary>
    public static ImportedHash? Read(HashInput hash, FastHashes fastHashes, Argon2id argon2id, Action<string, string> fail)
    {
        if (hash.KeyId is not null && hash.Algorithm != "hmac-sha256")
        {
            fail("/hash/key_id", "Only an hmac-sha256 has a key.");
        }

        var value = hash.Value ?? "";
        switch (hash.Algorithm)
        {
            case "sha256":
                return Hex(VerifierScheme.Sha256, value, null, fail);
            case "sha512":
                return Hex(VerifierScheme.Sha512, value, null, fail);
            case "hmac-sha256":
                return Hmac(value, hash.KeyId, fastHashes, fail);
            case "bcrypt":
                return ReadBcrypt(value, fail);
            case "argon2id":
                return ReadArgon2id(value, argon2id, fail);
            default:
                fail("/hash/algorithm", "The algorithm is sha256, sha512, hmac-sha256, bcrypt or argon2id.");
                return null;
        }
    }

    private static ImportedHash? Hex(VerifierScheme scheme, string value, string? keyId, Action<string, string> fail)
    {
        var digits = 2 * FastHashes.SizeOf(scheme);
        if (value.Length == digits && value.AsSpan().IndexOfAnyExcept(LowerHex) < 0)
        {
            return new ImportedHash(scheme, value, Convert.FromHexString(value), keyId);
        }

        fail("/hash/value", $"This hash has {digits} digits of lowercase hexadecimal. {NeverAKey}");
        return null;
    }

    private static ImportedHash? Hmac(string value, string? keyId, FastHashes fastHashes, Action<string, string> fail)
    {
        if (string.IsNullOrEmpty(keyId))
        {
            fail("/hash/key_id", "An hmac-sha256 needs the id of its key.");
        }
        else if (!fastHashes.KnowsKey(keyId))
        {
            fail("/hash/key_id", "The server's settings hold no HMAC key with this id. Its operator adds one as KeyPortal__Import__HmacKeys__<id>, in base64.");
        }

        return Hex(VerifierScheme.HmacSha256, value, keyId, fail);
    }

    private static ImportedHash? ReadBcrypt(string value, Action<string, string> fail)
    {
        if (!Bcrypt.TryRead(value, out var hash))
        {
            fail("/hash/value", $"A bcrypt hash begins with $2a$, $2b$ or $2y$ and has 60 characters. {NeverAKey}");
        }
        else if (Bcrypt.CostOf(hash) is < Bcrypt.MinCost or > MaxBcryptCost)
        {
            fail("/hash/value", $"The cost of a bcrypt hash is {Bcrypt.MinCost} to {MaxBcryptCost} here: checking a dearer one would keep the server busy for seconds.");
        }
        else
        {
            return new ImportedHash(VerifierScheme.Bcrypt, hash, null, null);
        }

        return null;
    }

    private static ImportedHash? ReadArgon2id(string value, Argon2id argon2id, Action<string, string> fail)
    {
        if (!Argon2id.TryRead(value, out var hash, out var cost))
        {
            fail("/hash/value", $"An Argon2id hash has the form $argon2id$v=19$m=65536,t=3,p=4$salt$hash. {NeverAKey}");
        }
        else if (cost.MemoryKib > MaxArgon2Kib || cost.Passes > MaxArgon2Passes || cost.Lanes > MaxArgon2Lanes)
        {
            fail("/hash/value", $"An Argon2id hash may ask for 256 MiB (m={MaxArgon2Kib}), {MaxArgon2Passes} passes and {MaxArgon2Lanes} lanes at most here: checking a dearer one would keep the server busy for seconds.");
        }
        else if (!argon2id.IsAvailable)
        {
            fail("/hash/algorithm", Argon2id.HowToInstall);
        }
        else if (!argon2id.IsReadable(hash))
        {
            fail("/hash/value", "This Argon2id hash cannot be read: its salt or hash is no base64, or too short.");
        }
        else
        {
            return new ImportedHash(VerifierScheme.Argon2id, hash, null, null);
        }

        return null;
    }
}
