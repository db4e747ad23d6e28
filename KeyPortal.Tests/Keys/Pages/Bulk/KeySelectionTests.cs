using KeyPortal.Keys;
using KeyPortal.Keys.Pages.Bulk;

namespace KeyPortal.Tests.Keys.Pages.Bulk;

public sealed class KeySelectionTests
{
    private static readonly string[] FirstPage = ["a", "b", "c"];
    private static readonly string[] SecondPage = ["d", "e"];
    private readonly KeySelection _selection = new();

    [Fact]
    public void Keys_of_several_pages_are_selected_together()
    {
        _selection.Set("b", true, FirstPage);
        _selection.SetPage(SecondPage, true);

        _selection.ToSelection().Ids.ShouldBe(["b", "d", "e"], ignoreOrder: true);
        (_selection.Count, _selection.Has("a"), _selection.HasAll(SecondPage), _selection.HasAll(FirstPage)).ShouldBe((3, false, true, false));
    }

    [Fact]
    public void A_page_taken_out_leaves_the_other_pages_selected()
    {
        _selection.SetPage(FirstPage, true);
        _selection.SetPage(SecondPage, true);

        _selection.SetPage(FirstPage, false);

        _selection.ToSelection().Ids.ShouldBe(SecondPage, ignoreOrder: true);
    }

    [Fact]
    public void All_that_the_filter_finds_is_the_filter_and_no_list_of_ids()
    {
        var filter = new KeyFilter { Search = "nightly" };
        _selection.Set("a", true, FirstPage);

        _selection.SetAll(filter, 60);

        (_selection.Count, _selection.IsByFilter, _selection.Has("on a page never shown")).ShouldBe((60, true, true));
        (_selection.ToSelection().Filter, _selection.ToSelection().Ids).ShouldBe((filter, null));
    }

    [Fact]
    public void One_taken_out_of_all_leaves_the_rest_of_its_page()
    {
        _selection.SetAll(new KeyFilter(), 60);

        _selection.Set("b", false, FirstPage);

        (_selection.IsByFilter, _selection.Count).ShouldBe((false, 2));
        _selection.ToSelection().Ids.ShouldBe(["a", "c"], ignoreOrder: true);
    }

    [Fact]
    public void A_page_taken_out_of_all_leaves_nothing()
    {
        _selection.SetAll(new KeyFilter(), 60);

        _selection.SetPage(FirstPage, false);

        _selection.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void A_page_without_a_key_to_select_is_not_selected() => _selection.HasAll([]).ShouldBeFalse();
}
