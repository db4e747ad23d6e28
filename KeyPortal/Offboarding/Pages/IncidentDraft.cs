using KeyPortal.Components;

namespace KeyPortal.Offboarding.Pages;

/// <summary>What is known of an incident, as it is typed.</summary>
public sealed class IncidentDraft
{
    public string CreatedBy { get; set; } = "";

    public string SeenFrom { get; set; } = "";

    /// <summary>By the viewer's clock.</summary>
    public DateTime? CreatedSince { get; set; }

    public Incident ToIncident(ViewerTime viewer) => new()
    {
        CreatedBy = CreatedBy.Length == 0 ? null : CreatedBy,
        SeenFrom = string.IsNullOrWhiteSpace(SeenFrom) ? null : SeenFrom.Trim(),
        CreatedSince = CreatedSince is { } local ? viewer.Instant(local) : null,
    };
}
