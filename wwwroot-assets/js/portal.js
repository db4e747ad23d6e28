// Small helpers for what only the browser can do. No state is kept here, and no key passes through it but to the clipboard or a download.
window.keyportal = {
  theme() {
    return document.documentElement.dataset.theme || "system";
  },
  setTheme(name) {
    const root = document.documentElement;
    if (name === "system") {
      delete root.dataset.theme;
      document.cookie = "keyportal-theme=; Path=/; Max-Age=0; SameSite=Lax";
    } else {
      root.dataset.theme = name;
      document.cookie = `keyportal-theme=${name}; Path=/; Max-Age=31536000; SameSite=Lax`;
    }
    for (const link of document.querySelectorAll("link[data-theme-of]")) {
      link.media = name === "system" ? `(prefers-color-scheme: ${link.dataset.themeOf})` : name === link.dataset.themeOf ? "all" : "not all";
    }
  },
  isSeen() {
    return document.visibilityState === "visible";
  },
  focusHeading(isLoad) {
    // A page just loaded may already be in use: a field typed in, a menu opened.
    if (isLoad && document.activeElement !== document.body) {
      return;
    }
    const heading = document.querySelector("h1");
    if (heading) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
  },
  timeZone() {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  },
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      area.style.position = "fixed";
      area.style.opacity = "0";
      (document.querySelector("[role=dialog]") || document.body).append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  },
  download(name, text) {
    const link = document.createElement("a");
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  },
};

// Pages without a circuit: a button names what it copies or downloads, one line for each element found.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-download]");
  if (!button) {
    return;
  }
  const lines = [...document.querySelectorAll(button.dataset.copy || button.dataset.download)].map((element) => element.textContent.trim());
  if (button.dataset.download) {
    window.keyportal.download(button.dataset.name, lines.join("\n") + "\n");
  } else if (await window.keyportal.copy(lines.join("\n"))) {
    button.textContent = button.dataset.done;
  }
});

// Menus: the arrow keys go round, Escape gives the focus back to the button (WAI-ARIA Authoring Practices, menu button).
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu");
  const items = [...(menu?.querySelectorAll("[role=menuitem]:not(:disabled)") ?? [])];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Escape") {
    menu?.querySelector("button").focus();
  } else if (items.length && to !== undefined) {
    event.preventDefault();
    items.at(to === items.length ? 0 : to).focus();
  }
}, true);

// Whether the focus that leaves an element stays within its menu, told with the event itself (Components/FocusLeaveEventArgs).
document.addEventListener("DOMContentLoaded", () => window.Blazor?.registerCustomEventType("focusleave", {
  browserEventName: "focusout",
  createEventArgs: (event) => ({ stays: Boolean(event.target.closest(".menu")?.contains(event.relatedTarget)) }),
}));
