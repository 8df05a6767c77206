// The counter in a browser. This device has a key that cannot be taken out; every form is signed with it (RFC 9421) and
// sent from here, and the answer takes the page's place. Besides: keys, scanner, sounds, the lock, the connection.
(() => {
  "use strict";
  const $ = (selector) => document.querySelector(selector);
  const storage = (() => {
    try { return window.localStorage; } catch { return null; }
  })();
  // --- The key of this device, kept by the browser under "device": { id, publicKey, keys }.
  const opened = () => new Promise((resolve, reject) => {
    const asked = indexedDB.open("counter", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("key");
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const kept = async (mode, use) => {
    const db = await opened();
    return new Promise((resolve, reject) => {
      const change = db.transaction("key", mode);
      const asked = use(change.objectStore("key"));
      change.oncomplete = () => { db.close(); resolve(asked.result); };
      change.onerror = () => { db.close(); reject(change.error); };
    });
  };
  const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");
  const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  const readKey = () => kept("readonly", (store) => store.get("device"));
  const keepKey = (device) => kept("readwrite", (store) => store.put(device, "device"));
  const forgetKey = () => kept("readwrite", (store) => store.delete("device"));
  const makeKey = async () => {
    const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    const publicKey = hex(await crypto.subtle.exportKey("raw", keys.publicKey));
    const device = { id: null, publicKey, keys };
    await keepKey(device);
    return device;
  };
  // --- The clock: ours is the server's, and the difference is remembered.
  let ahead = Number(storage?.getItem("counter-clock") ?? 0);
  const now = () => Date.now() + ahead;
  const setClock = (answer) => {
    const theirs = Number(answer.headers.get("recarga-time"));
    if (!theirs) return;
    ahead = theirs - Date.now();
    storage?.setItem("counter-clock", String(ahead));
  };
  // --- Signing.
  const signatureOf = async (device, url, body) => {
    const digest = `sha-256=:${base64(await crypto.subtle.digest("SHA-256", body))}:`;
    const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
    const created = Math.floor(now() / 1000);
    const parameters = '("@method" "@authority" "@path" "@query" "content-digest")'
      + `;created=${created};keyid="${device.id ?? "new"}";nonce="${nonce}";alg="ecdsa-p256-sha256"`;
    const base = `"@method": POST\n"@authority": ${url.host}\n"@path": ${url.pathname}\n"@query": ${url.search || "?"}\n`
      + `"content-digest": ${digest}\n"@signature-params": ${parameters}`;
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    const signed = await crypto.subtle.sign(algorithm, device.keys.privateKey, new TextEncoder().encode(base));
    return { "content-digest": digest, "signature-input": `sig=${parameters}`, "signature": `sig=:${base64(signed)}:` };
  };

  // So long an answer is waited for, unless the connection goes before; after that it is asked for.
  const ANSWER_MS = 45_000;
  let waiting = null;
  // Sends once; when only the clock was wrong nothing was done, so it is set and the request is sent once more.
  const send = async (device, address, form, again = true) => {
    const url = new URL(address, location.href);
    const whole = new Request(url, { method: "POST", body: form });
    const type = whole.headers.get("content-type");
    const body = await whole.arrayBuffer();
    const headers = { ...await signatureOf(device, url, body), "content-type": type };
    waiting = new AbortController();
    const late = setTimeout(() => waiting.abort(), ANSWER_MS);
    const answer = await fetch(url, { method: "POST", body, headers, credentials: "same-origin", signal: waiting.signal })
      .finally(() => clearTimeout(late));
    if (again && answer.headers.get("recarga-refused") === "clock") {
      setClock(answer);
      trouble("clock");
      return send(device, address, form, false);
    }
    return answer;
  };
  // --- What went wrong, in words that stand in the page.
  let asking = null;
  const unsure = () => ["unknown", "still"].includes($("[data-trouble]:not([hidden])")?.dataset.what);
  const trouble = (what, ask = null) => {
    const box = $("[data-trouble]");
    const words = $("[data-trouble-words]");
    // As long as it is not known what became of a sale, that is what stands here.
    if (!box || !words || (unsure() && !["unknown", "still"].includes(what))) return;
    box.hidden = what === null;
    if (what === null) return;
    box.dataset.what = what;
    words.textContent = words.dataset[what];
    asking = ask;
    $("[data-ask-again]").hidden = !["unknown", "still"].includes(what);
    $("[data-pair-again]").hidden = what !== "lostKey";
    if (what !== "clock") box.focus();
  };
  let reachable = true;
  const online = (is) => {
    reachable = is;
    const dot = $("[data-online]");
    if (!dot) return;
    dot.classList.toggle("off", !is);
    const word = dot.querySelector("[data-online-word]");
    const said = is ? dot.dataset.on : dot.dataset.off;
    if (word.textContent !== said) word.textContent = said;
  };
  // --- The answer takes the page's place.
  const show = async (answer) => {
    const type = answer.headers.get("content-type") ?? "";
    if (answer.status === 204) return;
    if (!type.startsWith("text/html")) {
      const download = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "";
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(await answer.blob()), download });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.documentElement.lang = page.documentElement.lang;
    // What this page needs and the last one did not.
    for (const { src } of page.head.querySelectorAll("script[src]")) {
      const known = [...document.scripts].some((script) => script.src === new URL(src, location.href).href);
      if (!known) document.head.append(Object.assign(document.createElement("script"), { src }));
    }
    document.title = page.title;
    document.body.replaceWith(document.adoptNode(page.body));
    if (answer.url && answer.url !== location.href) history.pushState({ swapped: true }, "", answer.url);
    window.scrollTo(0, 0);
    arrive();
  };
  window.addEventListener("popstate", () => location.reload());

  const buttons = (form, off) => form.querySelectorAll("button").forEach((button) => { button.disabled = off; });
  // One at a time: a key that is pressed twice, or two keys at once, send one thing.
  let underWay = false;
  const submit = async (form, submitter) => {
    if (underWay) return;
    underWay = true;
    try {
      const device = await readKey().catch(() => null);
      if (!device?.id) trouble("lostKey");
      else if (!navigator.onLine) { online(false); trouble(unsure() ? "still" : "unsent", asking); }
      else await sent(device, form, submitter);
    } finally {
      underWay = false;
    }
  };
  const sent = async (device, form, submitter) => {
    const address = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href;
    const fields = new FormData(form, submitter);
    const files = [...fields.values()].some((value) => value instanceof File);
    buttons(form, true);
    document.body.dataset.busy = "1";
    try {
      const answer = await send(device, address, files ? fields : new URLSearchParams(fields));
      // Something between us and the server answered: whether the server did it is not known.
      if ([502, 504].includes(answer.status)) throw new Error("no answer");
      online(true);
      await show(answer);
    } catch {
      online(false);
      trouble("unknown", form.dataset.ask ?? location.href);
    } finally {
      delete document.body.dataset.busy;
      buttons(form, false);
    }
  };

  const pair = async (form) => {
    if (!window.crypto?.subtle || !window.indexedDB) { trouble("noCrypto"); return; }
    if (!navigator.onLine) { online(false); trouble("unsent"); return; }
    buttons(form, true);
    try {
      const found = await readKey();
      const device = found && !found.id ? found : await makeKey();
      const fields = new URLSearchParams(new FormData(form));
      fields.set("public_key", device.publicKey);
      const answer = await send({ ...device, id: null }, form.action, fields);
      online(true);
      const id = answer.headers.get("recarga-device");
      if (!id) { await show(answer); return; }
      await keepKey({ ...device, id });
      location.assign("/agent/unlock");
    } catch {
      online(false);
      trouble("unknown", "/agent/pair");
    } finally {
      buttons(form, false);
    }
  };
  // A device that lost its cookie, or never heard that it was paired, still has its key.
  const known = async () => {
    const device = await readKey().catch(() => null);
    if (!device) return;
    const answer = await send({ ...device, id: null }, "/agent/known", new URLSearchParams({ public_key: device.publicKey }));
    const id = answer.headers.get("recarga-device");
    if (answer.ok && id) {
      await keepKey({ ...device, id });
      location.assign("/agent/unlock");
    } else if (answer.status === 404 && device.id) {
      await forgetKey();
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.method === "get" && cut()) leave(event, () => form.submit(), unsure() ? "still" : "unsent");
    if (form.method !== "post") return;
    event.preventDefault();
    if ("pair" in form.dataset) pair(form); else submit(form, event.submitter);
  }, true);
  // A page that cannot be had is not gone to: what stands here stays, with the sale that may be on it.
  const cut = () => !navigator.onLine || !reachable;
  const leave = async (event, go, what) => {
    event.preventDefault();
    if (navigator.onLine && await ask()) go(); else trouble(what, asking);
  };
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-ask-again]") && asking) leave(event, () => location.assign(asking), "still");
    const link = target?.closest("a[href]");
    const ours = link && link.origin === location.origin && !link.target && !link.hash;
    if (ours && cut()) leave(event, () => location.assign(link.href), unsure() ? "still" : "unsent");
    if (target?.closest("[data-turn]")) $("[data-customer]").classList.toggle("turned");
    // A finger that chooses a person goes on to the PIN.
    if (target?.closest(".person") && event.detail > 0) setTimeout(() => $("#pin")?.focus());
    if (target?.closest("[data-mute]")) {
      storage?.setItem("counter-muted", muted() ? "" : "1");
      showMute();
    }
  });
  // --- The lock: two minutes without a key or a touch. The server decides; the page counts and tells it of life.
  let active = performance.now();
  let told = performance.now();
  const idleAfter = () => Number(document.body.dataset.idle ?? 0) * 1000;
  const alive = () => { active = performance.now(); };
  for (const kind of ["keydown", "pointerdown", "wheel"]) document.addEventListener(kind, alive, { capture: true, passive: true });
  const quiet = async (address, fields) => {
    const device = await readKey().catch(() => null);
    return device?.id ? send(device, address, new URLSearchParams(fields)) : null;
  };
  let locking = false;
  const lockNow = async () => {
    if (locking) return;
    locking = true;
    const next = location.pathname + location.search;
    $("main").hidden = true;
    try {
      const answer = await quiet("/agent/lock", { idle: "1", next });
      if (answer) await show(answer);
    } catch {
      online(false);
      if ($("[data-trouble]")?.hidden) trouble("unsent");
    } finally {
      locking = false;
    }
  };
  setInterval(() => {
    const after = idleAfter();
    const count = $("[data-lock-count]");
    if (!after || !count) return;
    const left = after - (performance.now() - active);
    const soon = left <= 20_000;
    if (count.hidden === soon) count.hidden = !soon;
    if (soon) count.textContent = count.dataset.words.replace("%s%", String(Math.max(0, Math.ceil(left / 1000))));
    if (left <= 0) {
      lockNow();
    } else if (active > told && performance.now() - told > 30_000) {
      told = performance.now();
      quiet("/agent/here", {}).then((answer) => { if (answer?.redirected) show(answer); }, () => online(false));
    }
  }, 1000);
  // --- The connection, asked for now and then; it also tells the time.
  const ask = async () => {
    try {
      const answer = await fetch("/agent/time", { headers: { "recarga-background": "1" }, cache: "no-store" });
      const off = Math.abs(Number(answer.headers.get("recarga-time")) - now());
      if (answer.ok && off > 20_000) setClock(answer);
      if (answer.ok && off > 60_000) trouble("clock");
      online(answer.ok);
      if (answer.ok && $("[data-trouble]")?.dataset.what === "unsent") trouble(null);
      return answer.ok;
    } catch {
      online(false);
      return false;
    }
  };
  setInterval(ask, 20_000);
  window.addEventListener("online", ask);
  window.addEventListener("offline", () => { online(false); waiting?.abort(); });

  // --- A sale whose end is not known yet is looked at again until it is; its new word is heard.
  const watch = async () => {
    const moving = $("[data-moving]");
    if (!moving || underWay || locking) return;
    try {
      const answer = await fetch(moving.dataset.moving, { headers: { "recarga-background": "1" }, cache: "no-store" });
      if (!answer.ok || answer.redirected) return;
      online(true);
      const part = moving.dataset.part ?? "main";
      const news = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(part);
      const old = $(part);
      // Whoever went on meanwhile is not called back; what is the same stays.
      if (!news || $("[data-moving]") !== moving || news.textContent === old.textContent) return;
      const focused = old.contains(document.activeElement);
      const word = $("[data-word]")?.dataset.word;
      old.replaceWith(document.adoptNode(news));
      if (focused) ($("main [data-focus]") ?? $("main")).focus();
      const now = $("[data-word]")?.dataset.word;
      if (now !== word) play(now);
      document.dispatchEvent(new CustomEvent("counter:page"));
    } catch {
      online(false);
    }
  };
  setInterval(watch, 2_500);

  // --- Sounds: short and unlike each other.
  const TONES = {
    accepted: [[880, 0, 0.09], [1320, 0.1, 0.16]],
    pending: [[660, 0, 0.12], [660, 0.2, 0.12]],
    failed: [[220, 0, 0.18], [165, 0.2, 0.35]],
  };
  const muted = () => storage?.getItem("counter-muted") === "1";
  let audio = null;
  const play = (name) => {
    const tones = TONES[name];
    if (!tones || muted() || !window.AudioContext) return;
    audio ??= new AudioContext();
    for (const [pitch, from, lasts] of tones) {
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      const start = audio.currentTime + from;
      tone.type = name === "failed" ? "sawtooth" : "sine";
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0.15, start);
      gain.gain.exponentialRampToValueAtTime(0.001, start + lasts);
      tone.connect(gain).connect(audio.destination);
      tone.start(start);
      tone.stop(start + lasts);
    }
  };
  const showMute = () => {
    const button = $("[data-mute]");
    if (!button) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(muted()));
  };

  // --- Keys. What carries `data-key` is pressed by that key; digits choose among people by their number.
  const typing = (element) => element instanceof HTMLElement
    && (element.isContentEditable || element.matches("textarea, select, input:not([type=radio], [type=checkbox])"));
  let digits = "";
  let digitAt = 0;
  const begins = (number) => $(`[data-type^="${CSS.escape(number)}"]`);
  const choosePerson = (key) => {
    digits = performance.now() - digitAt < 1500 && begins(digits + key) ? digits + key : key;
    digitAt = performance.now();
    if (!begins(digits)) {
      // Somebody who is not in the list: their number goes where numbers are typed, never to whoever is chosen.
      const field = $("#number");
      if (field) { field.value += key; field.focus(); }
      return;
    }
    const person = $(`[data-type="${CSS.escape(digits)}"]`);
    if (!person) return;
    person.checked = true;
    person.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = `[data-key="${CSS.escape(event.key)}"]`;
    // What the page itself offers comes before the menu above it.
    const offered = [...document.querySelectorAll(`main ${key}`), ...document.querySelectorAll(key)];
    const target = offered.find((one) => one.offsetParent);
    if (target && !(event.key.length === 1 && typing(event.target))) {
      event.preventDefault();
      if (typing(target)) target.focus(); else target.click();
      return;
    }
    // A digit that is typed beside the field for numbers begins a number there.
    const field = $("[data-scan]");
    if (field && /^[\d+]$/.test(event.key) && !typing(event.target)) {
      field.focus();
      field.select();
    }
    // Choosing a person leads to the PIN; Enter unlocks there.
    if (event.target instanceof Element && event.target.matches(".person input")) {
      if (/^\d$/.test(event.key)) { event.preventDefault(); choosePerson(event.key); }
      if (event.key === "Enter") {
        event.preventDefault();
        event.target.checked = true;
        $("#pin")?.focus();
      }
    }
  });

  // --- A scanner types like a keyboard, only faster, and ends with Enter.
  const SCAN_GAP_MS = 40;
  const SCAN_MIN = 6;
  let scanned = "";
  let scannedAt = 0;
  let before = null;
  document.addEventListener("keydown", (event) => {
    const gap = performance.now() - scannedAt;
    scannedAt = performance.now();
    if (event.key === "Enter" && scanned.length >= SCAN_MIN && gap < SCAN_GAP_MS) {
      const text = scanned;
      scanned = "";
      const field = $("[data-scan]");
      const news = new CustomEvent("counter:scan", { detail: text, bubbles: true, cancelable: true });
      // Where no field is for scanners, the one with the focus has it.
      if (!document.body.dispatchEvent(news) || !field) return;
      // What was typed into it stands there already, and Enter sends it.
      if (before?.field === field) return;
      if (before?.field) before.field.value = before.value;
      event.preventDefault();
      event.stopPropagation();
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      if (field.dataset.scan === "submit") field.form?.requestSubmit(); else field.focus();
      return;
    }
    if (event.key.length !== 1) return;
    if (gap >= SCAN_GAP_MS) {
      scanned = "";
      const field = event.target instanceof HTMLInputElement && typing(event.target) ? event.target : null;
      before = { field, value: field?.value ?? "" };
    }
    scanned += event.key;
  }, true);

  // --- A page has arrived, loaded or put in place.
  let leaving = 0;
  const arrive = () => {
    told = performance.now();
    active = performance.now();
    digits = "";
    showMute();
    for (const hidden of document.querySelectorAll("[data-theme-toggle][hidden], [data-print][hidden]")) hidden.hidden = false;
    const fragment = $("[data-fragment]");
    if (fragment && location.hash.length > 1) {
      fragment.value = decodeURIComponent(location.hash.slice(1));
      history.replaceState(null, "", location.pathname);
    }
    const first = $("[data-testid=error-summary]") ?? $("[data-focus]") ?? $("main");
    // What is as large as the screen would be scrolled under the bar.
    first.focus({ preventScroll: first.matches("main") });
    if (first instanceof HTMLInputElement && ["text", "tel"].includes(first.type)) first.select();
    // What may be seen for a short time only.
    clearTimeout(leaving);
    const leaves = $("[data-leave]");
    if (leaves) leaving = setTimeout(() => location.replace(leaves.dataset.leaveTo), Number(leaves.dataset.leave) * 1000);
    const sound = $("[data-sound]");
    if (sound) play(sound.dataset.sound);
    if ($("[data-forget-key]")) forgetKey().catch(() => {});
    document.dispatchEvent(new CustomEvent("counter:page"));
  };
  const start = async () => {
    arrive();
    ask();
    if (!window.crypto?.subtle || !window.indexedDB) { trouble("noCrypto"); return; }
    if ($("form[data-pair]")) { known().catch(() => {}); return; }
    const device = await readKey().catch(() => null);
    if (!device?.id && !$("[data-note]")) trouble("lostKey");
  };
  start();
  window.counter = { play };
})();
