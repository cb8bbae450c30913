import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { openChromium, reasonToSkip } from "./chromium.js";
import { serve } from "./static_server.js";
import { foldersIn, pathOf } from "./vectors.js";

const STRINGS = 20_000;
describe("in Chromium", { skip: reasonToSkip() }, () => {
  /** @type {import("puppeteer-core").Browser} */
  let browser;
  /** @type {import("puppeteer-core").Page} */
  let page;
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server;
  /** @type {string[]} */
  const complaints = [];

  before(async () => {
    const client = fileURLToPath(new URL("..", import.meta.url));
    server = await serve({ client, vectors: pathOf() });
    browser = await openChromium();
    page = await browser.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`${server.address}client/test/page.html`);
    await page.waitForFunction("window.checks !== undefined");
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /**
   * Calls a function of checks/in_browser.js in the page.
   *
   * @param {string} name
   * @param {...unknown} given
   * @returns {Promise<any>}
   */
  const inPage = (name, ...given) => page.evaluate(`checks.${name}(...${JSON.stringify(given)})`);

  test("every bundle gives the answers of its golden rows and beam searches", async (context) => {
    for (const name of foldersIn("bundles")) {
      const { golden, beams } = await inPage("checkBundle", name);
      assert.ok(golden.compared > 0 && (beams.compared > 0 || name.startsWith("sentiment")));
      context.diagnostic(
        `${name}: ${golden.compared} rows, largest difference ` +
          `${golden.largest.toExponential(1)}; ${beams.compared} searches`,
      );
      assert.deepEqual([...golden.problems, ...beams.problems], [], name);
    }
  });

  test("random strings have the ids that they have in Python", async (context) => {
    for (const name of foldersIn("fuzz")) {
      const { encoded, decoded } = await inPage("checkTokenizer", name, STRINGS);
      assert.ok(encoded.compared > 0 && encoded.compared <= STRINGS);
      context.diagnostic(
        `${name}: ${encoded.compared} strings, ${decoded.compared} texts compared`,
      );
      assert.deepEqual([...encoded.problems, ...decoded.problems], [], name);
    }
  });

  test("a missing bundle is refused with its address", async () => {
    const found = await inPage("refusal", "/vectors/none");
    assert.match(
      found,
      /BundleError: \/vectors\/none\/manifest.json cannot be fetched \(status 404\)/,
    );
  });

  test("the page reports no error", () => assert.deepEqual(complaints, []));
});
