// Checks the signature of a receipt in the browser, also without a network: Ed25519 by WebCrypto, with the public keys
// that came with the page. It follows the rules of docs/receipts.md. Every sentence stands in the page already; here one is chosen.
(() => {
  "use strict";
  const box = document.querySelector("[data-proof]");
  if (!box) return;
  const { keys } = JSON.parse(box.dataset.keys);
  const verdicts = box.querySelector("[data-testid=verdict]");
  const field = box.querySelector("textarea[name=text]");
  const form = field.form;
  const onPage = box.dataset.proof === "page";

  const BAD = ["forged", "key_unknown", "other_sale", "not_in_books", "unreadable"];
  const show = (word) => {
    // Beside a forgery our books speak of another receipt.
    for (const one of box.querySelectorAll("[data-books]")) one.hidden = (one.dataset.books === "differ") !== BAD.includes(word);
    for (const one of verdicts.querySelectorAll("[data-verdict]")) one.hidden = one.dataset.verdict !== word;
    verdicts.dataset.shown = word;
  };

  // ten letters and digits, in any case, with or without the dash; the server checks the check character
  const canonical = (text) => {
    const plain = text.toUpperCase().replace(/[-\s]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
    return /^[0-9A-HJKMNP-TV-Z]{10}$/.test(plain) ? `${plain.slice(0, 5)}-${plain.slice(5)}` : null;
  };

  const read = (text) => {
    const own = text.trim().split("/r/").pop();
    const at = own.indexOf("#");
    const code = canonical((at < 0 ? own : own.slice(0, at)).split("?")[0]);
    if (!code || text.length > 400) return { fault: "unreadable" };
    const signed = at < 0 ? "" : own.slice(at + 1);
    if (!signed) return { fault: "unsigned" };
    const fields = signed.split(".");
    if (fields[0] !== "1") return { fault: "other_version" };
    if (fields.length < 7) return { fault: "truncated" };
    const [, key, kind, amount, seconds, last4, signature] = fields;
    if (signature.length < 86) return { fault: "truncated" };
    const fits = /^r\d{1,6}$/.test(key) && /^[RC]$/.test(kind) && /^(0|[1-9]\d*)[A-Z]{3}$/.test(amount) &&
      /^(0|[1-9]\d*)$/.test(seconds) && /^\d{1,4}$/.test(last4) && /^[\w-]{86}$/.test(signature);
    if (!fits || fields.length > 7) return { fault: "unreadable" };
    const message = `${code}#${signed.slice(0, signed.lastIndexOf("."))}`;
    return { code, key, kind, amount, seconds: Number(seconds), last4, signature, message };
  };

  const bytes = (base64url) => Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

  // "signed", "forged", "key_unknown", or "unsupported" where the browser has no Ed25519.
  const check = async (said) => {
    const key = keys.find(({ kid }) => kid === said.key);
    if (!key) return "key_unknown";
    const inTime = said.seconds >= (key.valid_from ?? 0) && (key.valid_until == null || said.seconds < key.valid_until);
    let fits;
    try {
      const own = await crypto.subtle.importKey("raw", bytes(key.x), { name: "Ed25519" }, false, ["verify"]);
      fits = await crypto.subtle.verify({ name: "Ed25519" }, own, bytes(said.signature), new TextEncoder().encode(said.message));
    } catch {
      return "unsupported";
    }
    return fits && inTime ? "signed" : "forged";
  };

  // On the page of a receipt our books stand beside.
  const beside = (said) => {
    if (said.code !== box.dataset.code) return "other_sale";
    const { amount, seconds, last4, notes } = box.dataset;
    const at = said.kind === "C" ? (notes ?? "").split(" ") : [seconds];
    return amount === said.amount && last4 === said.last4 && at.includes(String(said.seconds)) ? "genuine" : "not_in_books";
  };

  const money = (text) => {
    const currency = text.slice(-3);
    const format = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
    const { maximumFractionDigits } = format.resolvedOptions();
    return format.format(Number(text.slice(0, -3)) / 10 ** maximumFractionDigits);
  };

  const tell = (said) => {
    const list = box.querySelector("[data-testid=said]");
    if (!list) return;
    const online = box.querySelector("[data-testid=said-online]");
    list.hidden = online.hidden = !said;
    if (!said) return;
    const put = (name, text) => { list.querySelector(`[data-said=${name}]`).textContent = text; };
    put("code", said.code);
    put("amount", money(said.amount));
    put("last4", said.last4);
    put("time", new Date(said.seconds * 1000).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }));
    for (const kind of list.querySelectorAll("[data-said-kind]")) kind.hidden = kind.dataset.saidKind !== said.kind;
    online.querySelector("a").href = `/r/${said.message}.${said.signature}`;
  };

  const judge = async (text) => {
    const said = read(text);
    if (said.fault) return { word: said.fault };
    const word = await check(said);
    return { word: word === "signed" && onPage ? beside(said) : word, said: word === "signed" ? said : null };
  };

  const run = async (text) => {
    const { word, said } = await judge(text);
    field.value = text;
    show(word);
    tell(said);
    return word;
  };

  // What the script cannot say the server says.
  form.addEventListener("submit", async (event) => {
    if (form.dataset.sent) return;
    event.preventDefault();
    // app.js must not wait for an answer that never comes
    event.stopPropagation();
    if ((await run(field.value)) !== "unsupported") return;
    form.dataset.sent = "1";
    form.requestSubmit();
  });

  const ofAddress = () => (location.hash.length > 1 ? `${onPage ? location.origin + location.pathname : ""}${decodeURIComponent(location.hash)}` : null);
  const fromAddress = () => {
    const text = ofAddress();
    if (text && onPage) run(text);
    else if (onPage && !verdicts.dataset.shown) show("unsigned");
  };
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
})();
