namespace KeyPortal.Primitives;

/// <summary>The program cannot do what it was started for, and the message says why in one line that its operator can act on. No stack trace helps.</summary>
public sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
