using Microsoft.Playwright;

namespace KeyPortal.E2E.Screens;

/// <summary>The list of keys.</summary>
public sealed class KeysScreen(Visitor visitor)
{
    private IPage Page => visitor.Page;

    public ILocator Rows => Page.Locator(".keys tbody tr");

    public ILocator Search => Page.GetByRole(AriaRole.Searchbox);

    public ILocator Summary => Page.Locator(".page-head p");

    public ILocator Row(string name) => Rows.Filter(new() { HasText = name });

    /// <summary>Opens the list and waits for its rows, or for the words that say there are none.</summary>
    public async Task OpenAsync(string query = "")
    {
        await visitor.OpenAsync("/keys" + query);
        await Page.Locator(".keys tbody tr, .keys .empty").First.WaitForAsync();
    }

    public async Task<CreateScreen> CreateAsync()
    {
        await Page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).ClickAsync();
        var create = new CreateScreen(visitor);
        await create.Name.WaitForAsync();
        return create;
    }
}

/// <summary>The dialog that makes a key, in two steps.</summary>
public sealed class CreateScreen(Visitor visitor)
{
    private IPage Page => visitor.Page;

    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    public ILocator Name => Dialog.GetByLabel("Name", new() { Exact = true });

    public ILocator Networks => Dialog.GetByLabel("Networks");

    public ILocator Sentence => Dialog.Locator(".said-back");

    public ILocator Submit => Dialog.GetByRole(AriaRole.Button, new() { Name = "Create key" });

    public async Task ContinueAsync(string name, string environment = "Live", string type = "Secret")
    {
        await Name.FillAsync(name);
        await Dialog.GetByRole(AriaRole.Radio, new() { Name = environment }).CheckAsync();
        await Dialog.GetByRole(AriaRole.Radio, new() { Name = type }).CheckAsync();
        await Dialog.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Networks.WaitForAsync();
    }

    public ILocator Scope(string name) => Dialog.GetByRole(AriaRole.Checkbox, new() { Name = name });

    public async Task<RevealScreen> SubmitAsync()
    {
        await Submit.ClickAsync();
        var reveal = new RevealScreen(visitor);
        await reveal.Key.WaitForAsync();
        return reveal;
    }
}

/// <summary>The one place where a plaintext key is seen.</summary>
public sealed class RevealScreen(Visitor visitor)
{
    private IPage Page => visitor.Page;

    public ILocator Key => Page.Locator("code.secret");

    public ILocator Done => Page.GetByRole(AriaRole.Button, new() { Name = "Done" });

    public ILocator Stored => Page.GetByLabel("I have stored it where my system reads it");

    public Task CopyAsync() => Page.GetByRole(AriaRole.Button, new() { Name = "Copy", Exact = true }).ClickAsync();

    public Task<string> ClipboardAsync() => Page.EvaluateAsync<string>("navigator.clipboard.readText()");
}
