/* What must be known to go on with an upload after a reload, in IndexedDB: never the video itself. An entry:
   { key, owner, page, url, name, size, fingerprint, said, handle, at }. handle: the browser's own way back to the file,
   where there is one. Without a store (private windows) nothing is kept; the server knows the file by its fingerprint. */

const STORE = "uploads";
const KEPT = 7 * 24 * 3600 * 1000;
let opening;

function opened() {
  opening ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open("kb-uploads", 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  return opening;
}

async function within(mode, act) {
  const base = await opened();
  if (!base) return undefined;
  return new Promise((resolve) => {
    const work = base.transaction(STORE, mode);
    const request = act(work.objectStore(STORE));
    work.oncomplete = () => resolve(request.result);
    work.onabort = () => resolve(undefined);
  });
}

export const keep = (entry) => within("readwrite", (store) => store.put({ ...entry, at: Date.now() }));
export const forget = (key) => within("readwrite", (store) => store.delete(key));

/* Hers of one page, oldest first; what has long run out is swept. */
export async function kept(owner, page) {
  const all = (await within("readonly", (store) => store.getAll())) ?? [];
  for (const old of all.filter((entry) => Date.now() - entry.at > KEPT)) await forget(old.key);
  return all
    .filter((entry) => entry.owner === owner && entry.page === page && Date.now() - entry.at <= KEPT)
    .sort((one, other) => one.at - other.at);
}
