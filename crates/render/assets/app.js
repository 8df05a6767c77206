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

  const buttonsOf = (form) => form.querySelectorAll("button[type=submit][data-sending]");

  // A second press must not send the form again; the server refuses it anyway.
  const sending = (form, pressed) => {
    const buttons = [...buttonsOf(form)];
    const button = buttons.includes(pressed) ? pressed : buttons[0];
    if (!button) return;
    button.dataset.idle ??= button.innerHTML;
    button.textContent = button.dataset.sending;
    // After the event, or the browser would leave the form unsent and forget which button it was.
    setTimeout(() => { for (const one of buttons) one.disabled = true; });
  };

  // Coming back by the browser's history finds the button as it was.
  const idle = (form) => {
    for (const button of buttonsOf(form)) {
      if (button.dataset.idle !== undefined) button.innerHTML = button.dataset.idle;
      button.disabled = false;
    }
  };

  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sending(event.target, event.submitter);
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

  // Switching the language keeps what was typed and not sent, on this device alone.
  const drafts = (() => {
    try { return window.sessionStorage; } catch { return null; }
  })();
  const typed = () => [...document.querySelectorAll("main :is(input, select):not([type=hidden], [type=radio])")];
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-testid^=lang-]");
    if (!link) return;
    const kept = typed().filter((field) => field.id && field.value).map((field) => [field.id, field.value]);
    drafts?.setItem("draft", JSON.stringify({ page: new URL(link.href).pathname, kept }));
  });
  document.addEventListener("DOMContentLoaded", () => {
    const draft = JSON.parse(drafts?.getItem("draft") ?? "null");
    drafts?.removeItem("draft");
    if (draft?.page !== location.pathname) return;
    for (const [id, value] of draft.kept) {
      const field = typed().find((one) => one.id === id);
      if (field) field.value = value;
    }
  });

  // The order page asks again by itself: when it did last, and that it goes on when there is no answer.
  document.addEventListener("htmx:afterRequest", (event) => {
    const line = document.querySelector("[data-asked]");
    if (!line) return;
    const { successful, xhr } = event.detail;
    const stamp = xhr.status ? xhr.getResponseHeader("date") : null;
    const clock = { timeZone: line.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
    const time = (stamp ? new Date(stamp) : new Date()).toLocaleTimeString("en-GB", clock);
    line.textContent = (successful ? line.dataset.asked : line.dataset.silent).replace("%time%", time);
    line.classList.toggle("silent", !successful);
  });
  document.addEventListener("htmx:afterSettle", () => {
    const line = document.querySelector("[data-asked]");
    if (line) line.hidden = !document.querySelector("#order-state[hx-get]");
  });

  // The page for a code counts down until another one can be sent.
  document.addEventListener("DOMContentLoaded", () => {
    const line = document.querySelector("[data-wait]");
    if (!line) return;
    const until = performance.now() + Number(line.dataset.wait) * 1000;
    const show = () => {
      const left = Math.ceil((until - performance.now()) / 1000);
      line.hidden = left <= 0;
      line.textContent = line.dataset.waiting.replace("%s%", left);
      if (left > 0) setTimeout(show, 1000);
    };
    show();
  });

  // Without a network: the balance that was seen last can be seen again, and says that it is old.
  const onBalance = () => document.querySelector("[data-keep]");
  // So can the page that checks receipts.
  document.addEventListener("DOMContentLoaded", async () => {
    const worker = navigator.serviceWorker;
    if (!worker || !document.querySelector("[data-keep-page]") || "offline" in root.dataset) return;
    await worker.register("/sw.js");
    (await worker.ready).active.postMessage("keep check");
  });
  document.addEventListener("DOMContentLoaded", async () => {
    const worker = navigator.serviceWorker;
    if (!worker || !onBalance() || "offline" in root.dataset) return;
    await worker.register("/sw.js");
    const ready = await worker.ready;
    // This page may have come before anybody listened, even when somebody does by now.
    if (!(await caches.match("/me"))) ready.active.postMessage("keep");
  });
  // Nothing that is sent would arrive: no form can be, and the page says so.
  const connected = (is) => {
    // The counter says itself what became of a press.
    if (document.body.classList.contains("counter")) return;
    root.toggleAttribute("data-offline", !is);
    for (const button of document.querySelectorAll("main form[method=post]:not(.leave) button")) {
      if (is ? button.dataset.waits : !button.disabled) {
        button.disabled = !is;
        button.dataset.waits = is ? "" : "1";
      }
    }
  };
  window.addEventListener("online", () => connected(true));
  window.addEventListener("offline", () => connected(false));
  document.addEventListener("DOMContentLoaded", async () => {
    if ("offline" in root.dataset) connected(false);
    const list = document.querySelector("[data-receipts]");
    if (!list || !window.caches || !(await caches.has("own-1"))) return;
    for (const { url } of await (await caches.open("own-1")).keys()) {
      const code = /\/o\/([^/]+)\/receipt$/.exec(url)?.[1];
      if (!code) continue;
      const link = Object.assign(document.createElement("a"), { href: url, className: "code", textContent: code });
      list.querySelector("ul").appendChild(document.createElement("li")).append(link);
      list.hidden = false;
    }
  });
  // Signing out forgets it, whether anybody listens or not.
  document.addEventListener("submit", (event) => {
    const leaving = event.target.getAttribute("action");
    if (leaving === "/sign-out" || leaving === "/account/sessions/end-all") window.caches?.delete("own-1");
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
