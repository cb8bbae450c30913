import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { answered, openBrowser, paste, showTab, whenReady } from "./browser.mjs";
import { lowContrast, smallTargets, withoutName } from "./measures.mjs";
import { staticServer } from "./static_server.mjs";

const LOOKS = [
  { name: "light", language: "en-US", scheme: "light" },
  { name: "dark", language: "en-US", scheme: "dark" },
  { name: "chinese", language: "zh-CN", scheme: "light" },
];

/**
 * How the page looks, with pictures where a folder is given.
 *
 * @param {object} config
 * @param {{tab: number, task: string, text: string}[]} config.shown
 * @param {string} [config.pictures] the folder
 */
export async function looks(config) {
  const server = await staticServer(config.site);
  if (config.pictures) await mkdir(config.pictures, { recursive: true });
  const found = {};
  try {
    for (const look of LOOKS) {
      const { page, close } = await openBrowser(config, { language: look.language });
      try {
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: look.scheme }]);
        await page.goto(server.address);
        await whenReady(page);
        found[look.name] = await everyTab(page, config, look.name);
      } finally {
        await close();
      }
    }
    found.keyboard = await byKeyboard(config, server.address);
  } finally {
    await server.stop();
  }
  return found;
}

async function everyTab(page, config, name) {
  const findings = { lowContrast: [], smallTargets: [], withoutName: [], tooWide: [] };
  for (const { tab, task, text } of config.shown) {
    await showTab(page, tab);
    if (task === "generation") {
      await paste(page, text);
      await page.click(".panel:not([hidden]) button.main");
      await page.waitForSelector(".panel:not([hidden]) .answer[data-state='done']");
    } else {
      await answered(page, () => paste(page, text));
    }
    await picture(page, config, `${name}-${tab}-${task}`);
    await page.$$eval(".panel:not([hidden]) details", (all) => all.forEach((each) => (each.open = true)));
    for (const width of [360, 430, 1280]) {
      await page.setViewport({ ...page.viewport(), width });
      // Not innerWidth: a phone zooms out until everything fits.
      const wide = await page.evaluate((given) => document.documentElement.scrollWidth - given, width);
      if (wide > 0) findings.tooWide.push(`${task} at ${width}: ${wide}`);
    }
    await picture(page, config, `${name}-${tab}-${task}-desktop`);
    await page.setViewport({ ...page.viewport(), width: 390 });
    findings.lowContrast.push(...(await page.evaluate(lowContrast)));
    findings.smallTargets.push(...(await page.evaluate(smallTargets)));
    findings.withoutName.push(...(await withoutName(page)));
    await picture(page, config, `${name}-${tab}-${task}-settings`);
  }
  const language = await page.evaluate(() => document.documentElement.lang);
  const words = await page.$eval("#privacy", (shown) => shown.textContent);
  await page.click("#language");
  const switched = await page.$eval("#privacy", (shown) => shown.textContent);
  await page.reload();
  const kept = await page.$eval("#privacy", (shown) => shown.textContent);
  return { ...findings, language, words, switched, kept };
}

/** Walks through the tabs with the arrow keys and to the field with the tabulator. */
async function byKeyboard(config, address) {
  const { page, close } = await openBrowser(config);
  try {
    await page.goto(address);
    await whenReady(page);
    await page.focus("#bundle-0-tab");
    const focused = () => page.evaluate(() => document.activeElement.id);
    const selected = () => page.$eval("[aria-selected='true']", (tab) => tab.id);
    const steps = [];
    for (const key of ["ArrowRight", "ArrowLeft", "ArrowLeft", "Home", "Tab"]) {
      await page.keyboard.press(key);
      steps.push([key, await focused(), await selected()]);
    }
    return steps;
  } finally {
    await close();
  }
}

async function picture(page, { pictures }, name) {
  if (!pictures) return;
  await page.evaluate(() => scrollTo(0, 0));
  await new Promise((resolve) => setTimeout(resolve, 250));
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
