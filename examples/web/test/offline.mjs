import { answered, classified, openBrowser, paste, whenReady } from "./browser.mjs";
import { staticServer } from "./static_server.mjs";

const STORED = () => document.getElementById("hint").dataset.text === "worksOffline";

/**
 * Whether the page answers when its host is gone.
 *
 * @param {object} config
 * @param {string} config.text for the first tab
 */
export async function offline(config) {
  const server = await staticServer(config.site);
  const { page, seen, close } = await openBrowser(config);
  try {
    await page.goto(server.address);
    await whenReady(page);
    await answered(page, () => paste(page, config.text));
    const online = await classified(page);
    await page.waitForFunction(STORED);
    await server.stop();
    const addresses = [server.address, `${server.address}index.html?from=home`];
    const found = [];
    for (const address of addresses) {
      await page.goto(address);
      await whenReady(page);
      await answered(page, () => paste(page, config.text));
      found.push(await classified(page));
    }
    const stored = await page.evaluate(async () => {
      const [name] = await caches.keys();
      const requests = await (await caches.open(name)).keys();
      return requests.map(({ url }) => url.slice(new URL("./", location.href).href.length));
    });
    await page.setOfflineMode(true);
    const badge = await page.$eval("#offline", (shown) => !shown.hidden && shown.textContent);
    return { online, offline: found, stored, badge, ...seen };
  } finally {
    await close();
    await server.stop().catch(() => {});
  }
}

/**
 * What a new version of a site does to a browser that knows the old one.
 *
 * @param {object} config
 * @param {string} config.newer the folder of the new version
 * @param {string} config.mixed the folder of a version whose files.json is of another
 */
export async function newVersion(config) {
  const server = await staticServer(config.site);
  const { page, seen, close } = await openBrowser(config);
  const name = () => page.$eval("#name", (heading) => heading.textContent);
  const caches = () => page.evaluate(() => globalThis.caches.keys());
  try {
    await page.goto(server.address);
    await whenReady(page);
    await page.waitForFunction(STORED);
    const before = { name: await name(), caches: await caches() };

    server.serve(config.mixed);
    await page.reload();
    await whenReady(page);
    // It looks for a new version after the first panel is ready, and finds none that is whole.
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update().catch(() => {});
      const installing = registration.installing;
      if (!installing || installing.state === "redundant") return;
      await new Promise((resolve) => installing.addEventListener("statechange", resolve, { once: true }));
    });
    const mixed = { name: await name(), caches: await caches(), offered: await isOffered(page) };

    server.serve(config.newer);
    await offered(page);
    const waiting = { name: await name() };
    await page.click("#update");
    await page.waitForFunction((old) => document.getElementById("name").textContent !== old, {}, before.name);
    await whenReady(page);
    const after = { name: await name(), caches: await caches() };
    return { before, mixed, waiting, after, ...seen };
  } finally {
    await close();
    await server.stop();
  }
}

/** Visits the page until it offers the new version; a visit may still find the mixed one. */
async function offered(page) {
  for (let visit = 1; ; visit++) {
    await page.reload();
    try {
      const shown = () => !document.getElementById("update").hidden;
      return await page.waitForFunction(shown, { timeout: 15_000 });
    } catch (error) {
      if (visit === 4) throw error;
    }
  }
}

function isOffered(page) {
  return page.$eval("#update", (button) => !button.hidden);
}
