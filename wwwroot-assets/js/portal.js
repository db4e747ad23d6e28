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
