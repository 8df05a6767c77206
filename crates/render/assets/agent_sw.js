// The worker of the counter: where a page cannot be had it shows the one that says so. It keeps that page with its files
// and nothing else; what is sent does not pass through here.
"use strict";
const KEPT = "counter-offline";
const PAGE = "/agent/offline";

// The page with every file that it names, or nothing new.
const keep = async (version) => {
  const page = `${PAGE}?of=${encodeURIComponent(version)}`;
  const kept = await caches.open(KEPT);
  if (await kept.match(page)) return;
  const response = await fetch(page);
  if (!response.ok) return;
  const named = new Set((await response.clone().text()).match(/\/assets\/[\w.-]+/g) ?? []);
  const files = await Promise.all([...named].map(async (file) => [file, await fetch(file)]));
  if (!files.every(([, file]) => file.ok)) return;
  for (const old of await kept.keys()) await kept.delete(old);
  for (const [name, file] of files) await kept.put(name, file);
  await kept.put(page, response);
};

const navigate = async (request) => {
  try {
    return await fetch(request);
  } catch {
    const kept = await caches.open(KEPT);
    const page = await kept.match(PAGE, { ignoreSearch: true });
    return page ?? Response.error();
  }
};

const file = async (request) => (await (await caches.open(KEPT)).match(request)) ?? fetch(request);

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  if (typeof event.data?.keep === "string") event.waitUntil(keep(event.data.keep).catch(() => {}));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin || request.method !== "GET") return;
  const ours = pathname === "/agent" || pathname.startsWith("/agent/");
  if (request.mode === "navigate" && ours) event.respondWith(navigate(request));
  else if (pathname.startsWith("/assets/")) event.respondWith(file(request));
});
