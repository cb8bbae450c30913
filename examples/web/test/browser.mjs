import { createRequire } from "node:module";
import { join } from "node:path";

const PHONE = { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const WAIT = 60_000;

/**
 * Starts Chromium with one page of the size of a phone.
 *
 * @param {object} config
 * @param {string} config.chromium the program
 * @param {string} config.modules a folder whose node_modules hold puppeteer-core
 * @param {object} [options]
 * @param {string[]} [options.flags] of Chromium
 * @param {string} [options.language] of the browser
 * @returns {Promise<{page: any, seen: Seen, close: () => Promise<void>}>}
 *
 * @typedef {object} Seen
 * @property {string[]} errors of the console and of the page
 * @property {string[]} outside addresses asked for that are not on this host
 */
export async function openBrowser(config, { flags = [], language = "en-US" } = {}) {
  const puppeteer = createRequire(join(config.modules, "package.json"))("puppeteer-core");
  const browser = await puppeteer.launch({
    executablePath: config.chromium,
    args: [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--disable-component-update",
      `--lang=${language}`,
      `--accept-lang=${language}`,
      ...flags,
    ],
  });
  const [page] = await browser.pages();
  await page.setViewport(PHONE);
  page.setDefaultTimeout(WAIT);
  const seen = watch(browser, page);
  await page.evaluateOnNewDocument((wanted) => {
    Object.defineProperty(navigator, "language", { get: () => wanted });
  }, language);
  return { page, seen, close: () => browser.close() };
}

/** Collects what a page must not do. */
function watch(browser, page) {
  const seen = { errors: [], outside: [] };
  const isOutside = (url) => /^(https?|wss?):/.test(url) && new URL(url).hostname !== "127.0.0.1";
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) seen.errors.push(message.text());
  });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => {
    if (isOutside(request.url())) seen.outside.push(request.url());
  });
  browser.on("targetcreated", async (target) => {
    if (!["service_worker", "shared_worker"].includes(target.type())) return;
    if (isOutside(target.url())) seen.outside.push(target.url());
  });
  page.on("workercreated", (worker) => {
    worker.on("error", (error) => seen.errors.push(String(error)));
    worker.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) seen.errors.push(message.text());
    });
  });
  return seen;
}

/** Waits until the first panel is ready. */
export async function whenReady(page) {
  await page.waitForSelector(".panel:not([hidden])[data-state='ready']");
}

/**
 * Puts a text into the field of the shown panel, as pasting does.
 * @param {any} page
 * @param {string} text
 */
export async function paste(page, text) {
  await page.$eval(
    ".panel:not([hidden]) textarea",
    (area, value) => {
      area.value = value;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    },
    text,
  );
}

/**
 * Does something and waits for the next answer of the shown panel.
 * @param {any} page
 * @param {() => Promise<void>} act
 */
export async function answered(page, act) {
  const count = () =>
    page.$eval(".panel:not([hidden]) .answer", (card) => Number(card.dataset.answers ?? 0));
  const before = await count();
  await act();
  await page.waitForFunction(
    (old) =>
      Number(document.querySelector(".panel:not([hidden]) .answer").dataset.answers ?? 0) > old,
    {},
    before,
  );
}

/** The answer of a shown classifier. */
export function classified(page) {
  return page.evaluate(() => {
    const card = document.querySelector(".panel:not([hidden]) .answer");
    const bars = [...card.querySelectorAll(".bars li")];
    const verdict = card.querySelector(".verdict");
    return {
      label: verdict.dataset.label,
      verdict: verdict.textContent,
      probabilities: bars.map((bar) => [bar.dataset.label, Number(bar.dataset.probability)]),
    };
  });
}

/**
 * Shows the panel of a bundle by its tab and waits until it is ready.
 * @param {any} page
 * @param {number} place of the tab
 */
export async function showTab(page, place) {
  await page.click(`#bundle-${place}-tab`);
  await whenReady(page);
}
