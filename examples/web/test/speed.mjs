import { openBrowser, paste, whenReady } from "./browser.mjs";
import { staticServer } from "./static_server.mjs";

/**
 * How long a person waits, in milliseconds. A first answer counts from the start of the
 * navigation to the first probability on the page, with a text there from the beginning.
 *
 * @param {object} config
 * @param {string} config.text typed into the first tab, a key at a time
 */
export async function speed(config) {
  const server = await staticServer(config.site);
  const { page, close } = await openBrowser(config);
  try {
    await page.evaluateOnNewDocument(typeAtOnce, config.text.slice(0, 20));
    await page.goto(server.address);
    const cold = await firstAnswer(page);
    await page.waitForFunction(() => document.getElementById("hint").dataset.text === "worksOffline");
    const stored = [];
    for (let visit = 0; visit < 5; visit++) {
      await page.goto(server.address);
      stored.push(await firstAnswer(page));
    }
    const keys = await keystrokes(page, config.text);
    return {
      first_answer_cold: Math.round(cold),
      first_answer_stored: stored.map(Math.round),
      keystrokes: keys.length,
      keystroke_median: quantile(keys, 0.5),
      keystroke_95: quantile(keys, 0.95),
    };
  } finally {
    await close();
    await server.stop();
  }
}

/** Within the page: types as soon as there is a field, and notes when the answer stands there. */
function typeAtOnce(text) {
  const look = new MutationObserver(() => {
    const area = document.querySelector("textarea");
    if (area && !globalThis.typed) {
      globalThis.typed = true;
      area.value = text;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (document.querySelector(".bars li")) {
      globalThis.firstAnswer = performance.now();
      look.disconnect();
    }
  });
  look.observe(document, { childList: true, subtree: true });
}

async function firstAnswer(page) {
  await page.waitForFunction(() => globalThis.firstAnswer !== undefined);
  return page.evaluate(() => globalThis.firstAnswer);
}

/** From each key to its answer on the page. */
async function keystrokes(page, text) {
  await whenReady(page);
  await paste(page, "");
  await page.focus(".panel:not([hidden]) textarea");
  await page.evaluate(() => {
    globalThis.times = [];
    const card = document.querySelector(".panel:not([hidden]) .answer");
    let began;
    addEventListener("input", (event) => (began = event.timeStamp), true);
    new MutationObserver(() => globalThis.times.push(performance.now() - began)).observe(card, {
      attributeFilter: ["data-answers"],
    });
  });
  let count = 0;
  for (const key of text) {
    await page.keyboard.type(key);
    if (text.slice(0, ++count).trim() === "") continue;
    await page.waitForFunction((wanted) => globalThis.times.length >= wanted, { polling: 5 }, count);
  }
  return page.evaluate(() => globalThis.times);
}

function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  const place = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
  return Number(sorted[place].toFixed(1));
}
