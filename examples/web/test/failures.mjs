import { openBrowser } from "./browser.mjs";
import { staticServer } from "./static_server.mjs";

/**
 * What the page says when something is not there.
 *
 * @param {object} config
 * @param {Record<string, string[]>} config.missing the files that the host has lost, by case
 */
export async function failures(config) {
  const server = await staticServer(config.site);
  const found = {};
  try {
    for (const [name, paths] of Object.entries(config.missing)) {
      server.lose(paths);
      found[name] = await message(config, server.address);
    }
    server.lose([]);
    // Without a compiler there is no WebAssembly, as in the Lockdown Mode of iOS.
    found.noWebAssembly = await message(config, server.address, { flags: ["--js-flags=--jitless"] });
    found.file = await message(config, `file://${config.site}/index.html`);
  } finally {
    await server.stop();
  }
  return found;
}

async function message(config, address, options = {}) {
  const { page, close } = await openBrowser(config, options);
  try {
    await page.goto(address);
    await page.waitForSelector("[role='alert']:not([hidden])");
    const shown = () => page.$eval("[role='alert']:not([hidden])", (region) => region.innerText);
    const english = await shown();
    await page.$eval("#language", (button) => button.click());
    const loading = await page.$$eval(".loading", (lines) => lines.length);
    return { english, chinese: await shown(), loading };
  } finally {
    await close();
  }
}
