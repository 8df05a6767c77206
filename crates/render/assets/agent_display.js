// The customer's screen: a second window of the clerk's device. Clerks' windows tell it what stands on their page as
// text; it asks when it is opened, and goes back to its welcome when the window that told it is gone or falls silent.
(() => {
  "use strict";
  if (!window.BroadcastChannel) return;
  const $ = (selector) => document.querySelector(selector);
  const channel = new BroadcastChannel("counter-display");
  const me = `${Date.now()} ${Math.random()}`;
  const isScreen = () => $("[data-display]") !== null;
  const BEAT_MS = 4_000;
  // A window that is not in front may be slow; one that said nothing for so long is closed, or its device asleep.
  const SILENT_MS = 13_000;
  // The next page of the same window follows at once: only a window that is closed is gone for longer.
  const GONE_MS = 2_500;

  // --- The clerk's window.
  const texts = (selector) => [...document.querySelectorAll(selector)].map((one) => {
    const strong = one.matches(".huge, .word-big, .total dd, .change dd");
    return { strong, label: one.matches(".label, dt"), text: one.textContent.trim() };
  }).filter(({ text }) => text);
  const state = () => {
    const outcome = $("[data-testid=outcome]");
    const ended = "[data-testid=outcome] h1, [data-testid=outcome] .sentence, .change dt, .change dd";
    const sale = "[data-customer] p:not(.ways), [data-customer] dt, [data-customer] dd";
    return { word: outcome?.dataset.word ?? "", parts: texts(outcome ? ended : sale) };
  };
  const tell = (kind, what = {}) => {
    if (!isScreen()) channel.postMessage({ kind, from: me, ...what });
  };
  document.addEventListener("counter:page", () => tell("page", state()));
  window.addEventListener("pagehide", () => tell("gone"));
  window.addEventListener("pageshow", (event) => { if (event.persisted) tell("page", state()); });
  setInterval(() => tell("alive"), BEAT_MS);

  // --- The customer's.
  let teller = null;
  let heard = 0;
  let full = false;
  let clearing = 0;
  const show = (word, parts) => {
    full = parts.length > 0;
    const sale = $("[data-display-sale]");
    sale.replaceChildren(...parts.map(({ strong, label, text }) => {
      const line = document.createElement("p");
      line.textContent = String(text);
      line.className = strong ? "huge" : label ? "label" : "";
      return line;
    }));
    sale.hidden = !full;
    $("[data-display-welcome]").hidden = full;
    $("[data-display]").dataset.word = String(word ?? "");
  };
  const welcome = () => {
    teller = null;
    clearing = 0;
    show("", []);
  };
  const hello = () => channel.postMessage({ kind: "hello", from: me });
  const hears = ({ kind, from, word, parts }) => {
    const said = Array.isArray(parts) ? parts.slice(0, 60) : [];
    if (kind === "gone" && from === teller) clearing = setTimeout(welcome, GONE_MS);
    // A window that was silent is there again.
    if (kind === "alive" && teller === null) hello();
    if (from === teller) heard = performance.now();
    if (!["page", "answer"].includes(kind)) return;
    // A window without a sale takes nothing away from another one's that is still there.
    if (full && said.length === 0 && from !== teller && clearing === 0) return;
    clearTimeout(clearing);
    clearing = 0;
    teller = from;
    heard = performance.now();
    show(word, said);
  };
  channel.addEventListener("message", ({ data }) => {
    if (data?.kind === "hello") tell("answer", state());
    else if (data && isScreen()) hears(data);
  });
  setInterval(() => {
    if (isScreen() && teller !== null && performance.now() - heard > SILENT_MS) welcome();
  }, 1_000);
  // The event of the first page was before this script.
  if (isScreen()) hello(); else tell("page", state());
})();
