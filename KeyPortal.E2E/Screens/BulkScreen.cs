using Microsoft.Playwright;

namespace KeyPortal.E2E.Screens;

/// <summary>What is done with many keys: the ticks of the list, the bar under it, the dialogs behind that.</summary>
public sealed class BulkScreen(Visitor visitor)
{
    private IPage Page => visitor.Page;

    public ILocator Bar => Page.GetByRole(AriaRole.Region, new() { Name = "Selected keys" });

    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    public ILocator Count => Page.GetByLabel("Type the number of keys");

    public ILocator Box(string name) => Page.GetByRole(AriaRole.Checkbox, new() { Name = $"Select {name}", Exact = true });

    public Task SelectAsync(string name) => Box(name).CheckAsync();

    /// <summary>The tick in the head of the table, or above the cards.</summary>
    public Task SelectPageAsync() => Page.GetByRole(AriaRole.Checkbox, new() { Name = "Select all on this page" }).CheckAsync();

    public Task PressAsync(string act) => Bar.GetByRole(AriaRole.Button, new() { Name = act }).ClickAsync();

    /// <summary>Asks which keys an incident touched.</summary>
    public Task ShowAsync() => Page.GetByRole(AriaRole.Button, new() { Name = "Show the keys" }).ClickAsync();
}
