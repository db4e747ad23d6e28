namespace KeyPortal.Primitives;

/// <summary>
/// The store cannot take a change now: the disk is full, read-only or gone. Nothing of the act was kept. An outage and not a refusal, so an
/// exception; the API answers 503 and a page says the message.
/// </summary>
public sealed class StorageUnavailableException(string message, Exception inner) : Exception(message, inner);
