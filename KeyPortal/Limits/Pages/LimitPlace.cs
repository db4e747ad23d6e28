using KeyPortal.Primitives;

namespace KeyPortal.Limits.Pages;

/// <summary>One row of a list in a form.</summary>
/// <param name="Draft">What stands in it.</param>
/// <param name="Id">Begins the ids of its elements.</param>
/// <param name="At">JSON Pointer of the row in the refusal: <c>/rate_limits/0</c>.</param>
/// <param name="Refusal">Null for a row that the refusal does not know.</param>
public sealed record LimitPlace<TDraft>(TDraft Draft, string Id, string At, Refusal? Refusal)
{
    public bool Breaks(string field) => Refusal?.Errors.Any(e => e.Pointer == $"{At}/{field}") == true;
}
