// Keeps the whole site on the device, so that it answers without a network.
//
// The first visit stores every file that files.json lists under the version it names; after
// that everything comes from there. A new version of the site has other bytes in the line below,
// by which a browser notices it; it is stored beside the old one and takes its place when the
// page asks for that, so that a page never runs on files of two versions.

const VERSION = "development";

const OURS = `rnn-toolkit page ${self.registration.scope} `;
const CACHE = OURS + VERSION;

self.addEventListener("install", (event) => event.waitUntil(store()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method === "GET" && url.href.startsWith(self.registration.scope)) {
    event.respondWith(answer(event.request));
  }
});

/**
 * Stores all files of the site, or none.
 * @throws {Error} a file is missing, or the host still serves files of another version; the
 *     browser tries again at the next visit.
 */
async function store() {
  try {
    const cache = await caches.open(CACHE);
    const listing = await fetched("files.json");
    const { version, files } = await listing.clone().json();
    if (version !== VERSION) throw new Error(`files.json is of version ${version}, not ${VERSION}.`);
    await cache.put("files.json", listing);
    await Promise.all(files.map(async (path) => cache.put(address(path), await fetched(path))));
  } catch (problem) {
    await caches.delete(CACHE);
    throw problem;
  }
}

/** The address of a file; some hosts redirect index.html to its folder, so it is the folder. */
function address(path) {
  return path === "index.html" ? "./" : path.split("/").map(encodeURIComponent).join("/");
}

/** A file from the host, which is asked whether the browser's own copy is still right. */
async function fetched(path) {
  const response = await fetch(address(path), { cache: "no-cache" });
  if (!response.ok) throw new Error(`${path}: the host answers ${response.status}.`);
  return response;
}

/** Throws away the files of other versions, and serves the pages that are open already. */
async function takeOver() {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The stored file, else that of the host. */
async function answer(request) {
  const cache = await caches.open(CACHE);
  const wanted = isPage(request) ? "./" : request;
  return (await cache.match(wanted, { ignoreSearch: true })) ?? fetch(request);
}

/** Whether the page itself is wanted, by whatever name. */
function isPage(request) {
  const rest = new URL(request.url).pathname.slice(new URL(self.registration.scope).pathname.length);
  return rest === "" || rest === "index.html";
}
