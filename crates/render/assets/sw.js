// Without a network: the files of our pages, the page that says so, and for whoever is signed in the last balance that
// was shown and the receipts that were opened. Nothing that is sent is kept or sent later. Signing out empties what belongs to a person.
"use strict";
const FILES = "files-1";
const PAGES = "pages-1";
// What belongs to a person.
const OWN = "own-1";
const KEPT = "/me";
const NOTHING = "/offline";
// Checks receipts by the keys that it carries.
const CHECK = "/verify/receipt";
const RECEIPT = /^\/o\/[^/]+\/receipt$/;
// The newest are kept.
const RECEIPTS_MAX = 20;
const LEAVING = ["/sign-out", "/account/sessions/end-all", "/account/erase"];

const forget = () => caches.delete(OWN);
const unhashed = (path) => path.replace(/-[0-9a-f]{12}(?=\.)/, "");

const keepFile = async (path, response) => {
  const files = await caches.open(FILES);
  for (const old of await files.keys()) {
    const other = new URL(old.url).pathname;
    if (other !== path && unhashed(other) === unhashed(path)) await files.delete(old);
  }
  await files.put(path, response);
};

// A page with every file that it names, so that it looks as it should.
const keepPage = async (place, path) => {
  const response = await fetch(path, { redirect: "manual" });
  if (!response.ok) return;
  const text = await response.clone().text();
  await (await caches.open(place)).put(path, response);
  for (const file of new Set(text.match(/\/assets\/[\w.-]+/g) ?? [])) {
    if (!(await caches.match(file))) await keepFile(file, await fetch(file));
  }
};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keepPage(PAGES, NOTHING));
});

self.addEventListener("activate", (event) => {
  const others = async () => {
    for (const name of await caches.keys()) if (![FILES, PAGES, OWN].includes(name) && !name.startsWith("counter-")) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(others());
});

// The first balance is shown before anybody listens: its page asks that it be kept.
self.addEventListener("message", (event) => {
  if (event.data === "keep check") event.waitUntil(Promise.all([keepPage(PAGES, CHECK), keepPage(PAGES, NOTHING)]));
  if (event.data === "keep") event.waitUntil(Promise.all([keepPage(OWN, KEPT), keepPage(PAGES, NOTHING)]));
});

const file = async (path, request) => {
  const kept = await caches.match(path);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await keepFile(path, response.clone());
  return response;
};

// The page as it was, marked as what it is.
const marked = async (kept) => {
  const text = (await kept.text()).replace("<html ", "<html data-offline ");
  return new Response(text, { headers: kept.headers });
};

// Only beside a balance, which is there while somebody is signed in.
const keepReceipt = async (path, response) => {
  const own = await caches.open(OWN);
  if (!(await own.match(KEPT))) return;
  await own.delete(path);
  await own.put(path, response);
  const receipts = (await own.keys()).filter(({ url }) => RECEIPT.test(new URL(url).pathname));
  for (const old of receipts.slice(0, -RECEIPTS_MAX)) await own.delete(old);
};

const navigate = async (path, request) => {
  const receipt = RECEIPT.test(path);
  try {
    const response = await fetch(request);
    if (receipt && response.ok) await keepReceipt(path, response.clone());
    if (path === CHECK && response.ok) await (await caches.open(PAGES)).put(CHECK, response.clone());
    if (path === KEPT && response.ok) await (await caches.open(OWN)).put(KEPT, response.clone());
    if (path === KEPT && response.type === "opaqueredirect") await forget();
    return response;
  } catch {
    const kept = ((path === KEPT || path === CHECK || receipt) && (await caches.match(path))) || (await caches.match(NOTHING));
    return kept ? marked(kept) : Response.error();
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method !== "GET") {
    if (LEAVING.includes(pathname)) event.waitUntil(forget());
    return;
  }
  if (pathname.startsWith("/assets/")) event.respondWith(file(pathname, request));
  else if (request.mode === "navigate") event.respondWith(navigate(pathname, request));
});
