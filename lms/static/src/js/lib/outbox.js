/* What must reach the server, kept in IndexedDB until it has: it outlives reloads, closed tabs and days without a network.
   An entry: { owner, url, body, slot, keep, at }. Entries of one owner go out in order, one at a time; each body is sent
   with `age_ms`, how long ago it was put, so that a wrong clock does no harm. The server must take the same thing twice
   as once. An entry leaves only on the server's answer: taken (2xx) or refused for good (400, 409, 422). */

import { send } from "./net.js";

const STORE = "entries";
const FINAL = new Set([400, 409, 422]);
let opening;
let memory = null; // where the browser grants no store (private windows), entries live as long as the page
let last = 0;

function opened() {
  opening ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open("kb-outbox", 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  return opening;
}

/* Runs `act(store)` in one transaction; resolves with its request's result when that is safely written. */
async function within(mode, act) {
  const base = await opened();
  if (!base) return act(shelf());
  return new Promise((resolve, reject) => {
    const work = base.transaction(STORE, mode, { durability: "strict" });
    let request;
    work.oncomplete = () => resolve(request?.result);
    work.onerror = () => reject(work.error);
    work.onabort = () => reject(work.error);
    request = act(work.objectStore(STORE));
  });
}

/* The same three acts on an array. */
function shelf() {
  memory ??= [];
  return {
    add: (entry) => memory.push({ ...entry, id: (last += 1) }),
    put: (entry) => { memory = memory.map((each) => (each.id === entry.id ? entry : each)); },
    delete: (id) => { memory = memory.filter((each) => each.id !== id); },
    getAll: () => ({ result: [...memory] }),
  };
}

async function everything() {
  const found = await within("readonly", (store) => store.getAll());
  return found?.result ?? found ?? [];
}

/* All that waits of one owner, oldest first. */
export async function waiting(owner) {
  return (await everything()).filter((entry) => entry.owner === owner).sort((one, other) => one.id - other.id);
}

/* Keeps something to be sent. With a `slot` it takes the place of what waits there: only the latest counts.
   keep: false on a shared computer, where nothing stays once nobody is signed in. */
export async function put({ owner, url, body, slot = "", keep = false }) {
  const before = slot ? (await waiting(owner)).filter((entry) => entry.slot === slot) : [];
  await within("readwrite", (store) => {
    for (const entry of before) store.delete(entry.id);
    return store.add({ owner, url, body, slot, keep, at: Date.now() });
  });
}

/* Changes the body of what waits in a slot: change(body) → body. */
export async function amend(owner, slot, change) {
  for (const entry of await waiting(owner)) {
    if (entry.slot === slot) await within("readwrite", (store) => store.put({ ...entry, body: change(entry.body) }));
  }
}

/* Sends what waits, in order, and stops where there is no answer. hear(entry, answer) is told of each one that left.
   Resolves with { left, status }: how many still wait, and the status that stopped it (0 no network, 401 sign in again). */
export async function deliver(owner, { token, hear = () => {}, parting = false }) {
  if (!navigator.locks || parting) return carry(owner, { token, hear, parting });
  // One tab carries at a time; the others find nothing left to do.
  return navigator.locks.request(`kb-outbox-${owner}`, () => carry(owner, { token, hear, parting }));
}

async function carry(owner, { token, hear, parting }) {
  for (const entry of await waiting(owner)) {
    const age = Math.max(0, Date.now() - entry.at);
    const answer = await send(entry.url, { ...entry.body, age_ms: age }, { token, last: parting });
    const taken = answer.status >= 200 && answer.status < 300;
    if (!taken && !FINAL.has(answer.status)) {
      return { left: (await waiting(owner)).length, status: answer.status };
    }
    await within("readwrite", (store) => store.delete(entry.id));
    await hear(entry, answer);
  }
  return { left: (await waiting(owner)).length, status: 200 };
}

/* Nobody is signed in: what a shared computer holds goes; a phone of one's own keeps what was not sent yet. */
export async function leave() {
  for (const entry of await everything()) {
    if (!entry.keep) await within("readwrite", (store) => store.delete(entry.id));
  }
}
