// Comforts on top of pages that work without it: the theme, "Sending…" on submit, printing.
// Loaded in the head, so that a chosen theme is there before the first paint.
(() => {
  "use strict";
  const root = document.documentElement;
  const storage = (() => {
    try { return window.localStorage; } catch { return null; }
  })();

  const chosen = storage?.getItem("theme");
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  const toggleTheme = () => {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    const now = root.dataset.theme ?? (dark ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    storage?.setItem("theme", root.dataset.theme);
  };

  const buttonOf = (form) => form.querySelector("button[type=submit][data-sending]");

  // A second press must not send the form again; the server refuses it anyway.
  const sending = (form) => {
    const button = buttonOf(form);
    if (!button) return;
    button.dataset.idle ??= button.innerHTML;
    button.textContent = button.dataset.sending;
    // After the event, or the browser would leave the form unsent.
    setTimeout(() => { button.disabled = true; });
  };

  // Coming back by the browser's history finds the button as it was.
  const idle = (form) => {
    const button = buttonOf(form);
    if (!button || button.dataset.idle === undefined) return;
    button.innerHTML = button.dataset.idle;
    button.disabled = false;
  };

  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sending(event.target);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) idle(form);
  });

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-theme-toggle]")) toggleTheme();
    if (target?.closest("[data-print]")) window.print();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // Typing an amount chooses its offer.
  document.addEventListener("input", (event) => {
    const radio = event.target.closest?.(".offer-amount")?.parentElement.querySelector("input[type=radio]");
    if (radio) radio.checked = true;
  });

  document.addEventListener("DOMContentLoaded", () => {
    for (const hidden of document.querySelectorAll("[data-theme-toggle][hidden], [data-print][hidden]")) {
      hidden.hidden = false;
    }
    document.querySelector("[data-testid=error-summary]")?.focus();
  });

  // A link in the error summary leads to the field itself.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-testid=error-summary] a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.matches("fieldset") ? field.querySelector("input") : field).focus();
  });
})();
