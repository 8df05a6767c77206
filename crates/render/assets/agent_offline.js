// Without a connection: has a worker keep the page that says so, in the language of whoever works here, and on that page
// tries again until the counter can be reached.
(() => {
  "use strict";
  const AGAIN_MS = 3_000;
  const again = async () => {
    try {
      const answer = await fetch("/agent/time", { headers: { "recarga-background": "1" }, cache: "no-store" });
      if (answer.ok) location.reload();
    } catch {
      // Still nothing: the page says so already.
    }
  };
  if (document.querySelector("[data-no-connection]")) {
    setInterval(again, AGAIN_MS);
    window.addEventListener("online", again);
    document.querySelector("[data-try-again]").addEventListener("click", again);
    return;
  }
  const worker = navigator.serviceWorker;
  if (!worker) return;
  let kept = "";
  // What is kept is named by its language and its files, whose names carry their hashes: a newer one takes its place.
  const keep = async () => {
    const files = [...document.querySelectorAll("head script[src], head link[rel=stylesheet]")];
    const version = [document.documentElement.lang, ...files.map((file) => file.src || file.href)].join(" ");
    if (version === kept) return;
    kept = version;
    const { active, installing, waiting } = await worker.register("/agent-sw.js", { scope: "/agent" });
    (active ?? waiting ?? installing).postMessage({ keep: version });
  };
  const tryKeep = () => { keep().catch(() => { kept = ""; }); };
  document.addEventListener("counter:page", tryKeep);
  tryKeep();
})();
