/* A paper without a network. Served as /exam/sw.js; sees only what pages below /exam/ ask for.
   A page is kept where its answer says so (Kaibo-Keep: the attempt), one attempt at a time, and until any other answer comes
   for it: the end, another device, a sign-in. The network always goes first. Answers are none of this file's business. */

const STORE = "kb-exam-";
const PATIENCE = 8000;
const PAGE = /^\/exam\/[0-9a-f-]{36}\/$/;
const FILE = /^\/(static|exam\/files)\//;

self.addEventListener("install", (event) => {
  event.waitUntil(self.skipWaiting());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("message", (event) => {
  if (event.data?.type === "keep") event.waitUntil(keep(event.data));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && PAGE.test(url.pathname)) event.respondWith(page(request, url.pathname));
  else if (FILE.test(url.pathname)) event.respondWith(file(request));
});

async function forget(but = "") {
  const names = (await caches.keys()).filter((name) => name.startsWith(STORE) && name !== but);
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function held(what) {
  for (const name of (await caches.keys()).filter((each) => each.startsWith(STORE))) {
    const answer = await (await caches.open(name)).match(what, { ignoreVary: true });
    if (answer) return answer;
  }
  return undefined;
}

/* The page says of itself that it comes out of the store: its hour is an old one. */
async function old(path) {
  const answer = await held(path);
  if (!answer) return undefined;
  const text = (await answer.text()).replace("<html ", '<html data-kept="1" ');
  return new Response(text, { status: answer.status, headers: answer.headers });
}

async function page(request, path) {
  const coming = fetch(request).then(async (answer) => {
    await take(path, answer);
    return answer;
  });
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE); }).then(() => old(path));
  try {
    return await Promise.race([coming, late.then((kept) => kept ?? coming)]);
  } catch {
    return (await old(path)) ?? Response.error();
  }
}

/* What the server's answer means for the store: a paper is kept, anything else empties it; an error says nothing. */
async function take(path, answer) {
  if (answer.status >= 500) return;
  const attempt = answer.ok && !answer.redirected && answer.headers.get("Kaibo-Keep");
  if (!attempt) {
    await caches.delete(STORE + path.split("/")[2]);
    return;
  }
  await forget(STORE + attempt);
  await (await caches.open(STORE + attempt)).put(path, answer.clone());
}

async function file(request) {
  try {
    const answer = await fetch(request);
    const [name] = (await caches.keys()).filter((each) => each.startsWith(STORE));
    if (name && answer.ok) await (await caches.open(name)).put(request, answer.clone());
    return answer;
  } catch {
    return (await held(request)) ?? Response.error();
  }
}

/* The first time the page was there before us: fetch it again, with all it uses. */
async function keep({ page: path, files }) {
  const answer = await fetch(path, { credentials: "same-origin" });
  await take(path, answer);
  const attempt = answer.headers.get("Kaibo-Keep");
  if (!attempt) return;
  const store = await caches.open(STORE + attempt);
  await Promise.all(files.map(async (url) => {
    try {
      if (!(await store.match(url, { ignoreVary: true }))) await store.add(url);
    } catch {
      /* one file less */
    }
  }));
}
