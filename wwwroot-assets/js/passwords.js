// Shows a typed password, and says how hard it looks to guess. Nothing leaves the browser: this is a hint, the server's rules decide.
(() => {
  const words = ["Type 12 characters or more", "Easy to guess", "Could be longer", "Good", "Very good"];
  const rows = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
  const runs = rows.concat(rows.map(row => [...row].reverse().join("")));
  const common = /p[a@]ssw[o0]rd|admin|welcome|letmein|qwert|dragon|monkey|summer|winter|secret|login|master|iloveyou|(19|20)\d\d/g;

  // Characters as an attacker counts them: rows, repetitions and usual words are worth little, letters of a word half.
  function worth(text) {
    let rest = text.toLowerCase().replace(common, "\u0001").replace(/(.{1,20}?)\1+/gu, "$1\u0001");
    let sum = 0;
    let letters = 0;
    const points = [...rest];
    for (let i = 0; i < points.length; i++) {
      const before = points[i - 1] + points[i];
      const isRun = i > 0 && runs.some(row => row.includes(before));
      letters = /\p{Ll}/u.test(points[i]) ? letters + 1 : 0;
      sum += isRun ? 0.25 : letters > 3 ? 0.5 : 1;
    }
    return sum;
  }

  function level(text) {
    const length = [...text].length;
    const value = worth(text);
    return length < 12 ? 0 : value < 8 ? 1 : value < 10 ? 2 : value < 14 ? 3 : 4;
  }

  function say(input) {
    const meter = document.querySelector(`[data-strength-of="${input.id}"]`);
    if (!meter) {
      return;
    }
    // What was wrong with the password before says nothing about this one.
    const error = document.getElementById(`${input.id}-error`);
    if (error) {
      error.hidden = true;
    }
    const value = input.value === "" ? 0 : level(input.value);
    meter.hidden = input.value === "";
    meter.dataset.level = value;
    const hint = meter.querySelector(".hint");
    if (hint.textContent !== words[value]) {
      hint.textContent = words[value];
    }
  }

  function show(button) {
    const input = document.getElementById(button.dataset.showPassword);
    const hidden = input.type === "password";
    input.type = hidden ? "text" : "password";
    button.textContent = hidden ? "Hide" : "Show";
    button.setAttribute("aria-pressed", String(hidden));
    input.focus();
  }

  // A mailed link's code stands behind the #: it goes into its field, out of sight, and out of the address and the history. Where it is all that is asked, it is sent.
  function takeCode() {
    const field = document.querySelector("[data-from-link]");
    const input = field && field.querySelector("input");
    const code = location.hash.slice(1);
    if (input && /^[\w-]{43}$/.test(code)) {
      input.value = code;
      history.replaceState(null, "", location.pathname + location.search);
      if (field.dataset.fromLink === "send") {
        input.form.requestSubmit();
      }
    }
    if (input && /^[\w-]{43}$/.test(input.value)) {
      field.hidden = true;
    }
  }

  // Buttons that only a script can serve are there only with it; pages may be put in place later.
  function reveal() {
    for (const button of document.querySelectorAll("[data-show-password][hidden]")) {
      button.hidden = false;
    }
  }

  document.addEventListener("input", event => event.target.matches?.("[data-new-password]") && say(event.target));
  document.addEventListener("click", event => {
    const button = event.target.closest?.("[data-show-password]");
    if (button) {
      show(button);
    }
  });
  // A shown password would be kept by the browser among what was typed into forms.
  document.addEventListener("submit", event => {
    for (const input of event.target.querySelectorAll("[data-new-password]")) {
      input.type = "password";
    }
  }, true);
  new MutationObserver(reveal).observe(document.documentElement, { childList: true, subtree: true });
  reveal();
  takeCode();
  window.addEventListener("hashchange", takeCode);
})();
