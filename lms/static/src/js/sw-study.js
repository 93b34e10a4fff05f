/* Lessons without a network. Served as /study/sw.js; sees only what pages below /study/ ask for.
   A page is kept only where its answer says so (X-Kaibo-Keep: its reader keeps her login on this device), under its owner
   (X-Kaibo-Owner). Another owner's answer, or an answer that sends to the sign-in, empties the store. The network always
   goes first: what is kept is shown only when there is no answer. Videos are not kept. */

const STORE = "kb-study-";
const OFFLINE = "/study/offline/";
const PATIENCE = 6000;
const MOST = 60; // pages of one owner
const PAGE = /^\/study\/(?:[0-9a-f-]{36}\/(?:[0-9a-f-]{36}\/|path\/)?)?$/;

self.addEventListener("install", (event) => {
  event.waitUntil(self.skipWaiting());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("message", (event) => {
  if (event.data?.type === "keep") event.waitUntil(keepAll(event.data));
  if (event.data?.type === "forget") event.waitUntil(forget());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && PAGE.test(url.pathname)) event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(request));
});

async function stores() {
  return (await caches.keys()).filter((name) => name.startsWith(STORE));
}

async function forget(but = "") {
  await Promise.all((await stores()).filter((name) => name !== but).map((name) => caches.delete(name)));
}

async function held(request) {
  for (const name of await stores()) {
    const answer = await (await caches.open(name)).match(request, { ignoreVary: true });
    if (answer) return answer;
  }
  return undefined;
}

/* The answer of the network; after a while what is kept, where there is any. */
async function fresh(request) {
  const coming = fetch(request);
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  const kept = late.then(() => held(request)).then((answer) => answer ?? coming);
  return Promise.race([coming, kept]);
}

async function page(request) {
  let answer;
  try {
    answer = await fresh(request);
  } catch {
    return (await held(request)) ?? (await held(OFFLINE)) ?? Response.error();
  }
  await take(request, answer);
  return answer;
}

/* What an answer means for the store. */
async function take(request, answer) {
  const owner = answer.headers.get("X-Kaibo-Owner");
  if (answer.type === "opaqueredirect" || answer.redirected || !owner) {
    // Nobody, or nobody who may: a wrong address (404) empties nothing.
    if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 403) await forget();
    return;
  }
  await forget(STORE + owner);
  if (!answer.ok || answer.headers.get("X-Kaibo-Keep") !== "1") return;
  const store = await caches.open(STORE + owner);
  await store.put(request, answer.clone());
  const pages = (await store.keys()).filter((each) => PAGE.test(new URL(each.url).pathname));
  await Promise.all(pages.slice(0, Math.max(0, pages.length - MOST)).map((each) => store.delete(each)));
}

async function asset(request) {
  const [name] = await stores();
  try {
    const answer = await fresh(request);
    if (name && answer.ok) await (await caches.open(name)).put(request, answer.clone());
    return answer;
  } catch {
    return (await held(request)) ?? Response.error();
  }
}

/* The first page was there before us: fetch it again with all it uses, the lesson that comes next, and the words for pages
   never opened. */
async function keepAll({ page: first, next, files }) {
  try {
    await take(new Request(first), await fetch(first, { credentials: "same-origin" }));
    if (next && !(await held(next))) await take(new Request(next), await fetch(next, { credentials: "same-origin" }));
  } catch {
    return;
  }
  const [name] = await stores();
  if (!name) return;
  const store = await caches.open(name);
  for (const url of [OFFLINE, ...files]) {
    try {
      if (!(await store.match(url))) await store.add(url);
    } catch {
      /* one file less; the page works without it */
    }
  }
}
