using KeyPortal.Keys.Bulk;

namespace KeyPortal.Keys.Pages.Bulk;

/// <summary>
/// What is selected on the list of keys: keys one by one, over all pages of the list, or all that its filter finds. It is the page's own and stands in no
/// URL: a link must not bring somebody a selection that is a press away from being revoked.
/// </summary>
public sealed class KeySelection
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private KeyFilter? _filter;
    private int _found;

    public int Count => _filter is null ? _ids.Count : _found;

    public bool IsEmpty => Count == 0;

    /// <summary>Is it all that the filter finds, on pages that were never shown too?</summary>
    public bool IsByFilter => _filter is not null;

    public bool Has(string id) => _filter is not null || _ids.Contains(id);

    public bool HasAll(IReadOnlyCollection<string> page) => page.Count > 0 && page.All(Has);

    /// <summary>Takes one in or out. Out of all that the filter finds there is no taking one: what is left is the rest of the page that the person sees.</summary>
    public void Set(string id, bool isSelected, IReadOnlyCollection<string> page)
    {
        if (_filter is not null)
        {
            Clear();
            _ids.UnionWith(page);
        }

        if (isSelected)
        {
            _ids.Add(id);
        }
        else
        {
            _ids.Remove(id);
        }
    }

    public void SetPage(IReadOnlyCollection<string> page, bool isSelected)
    {
        if (_filter is not null)
        {
            Clear();
        }

        if (isSelected)
        {
            _ids.UnionWith(page);
        }
        else
        {
            _ids.ExceptWith(page);
        }
    }

    public void SetAll(KeyFilter filter, int found) => (_filter, _found) = (filter, found);

    public void Clear()
    {
        _ids.Clear();
        _filter = null;
    }

    public BulkSelection ToSelection() => _filter is null ? BulkSelection.Of([.. _ids]) : BulkSelection.Of(_filter);
}
