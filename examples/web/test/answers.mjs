import { answered, classified, openBrowser, paste, showTab, whenReady } from "./browser.mjs";
import { staticServer } from "./static_server.mjs";

const SHOWN = ".panel:not([hidden])";

/**
 * What the page answers in every tab.
 *
 * @param {object} config
 * @param {{tab: number, texts: string[]}[]} config.sentiment
 * @param {{tab: number, prompt: string, seed: number, length: number, temperature: number,
 *     condition?: string}[]} config.generation
 * @param {{tab: number, texts: string[], beam: number}[]} config.translation
 */
export async function answers(config) {
  const server = await staticServer(config.site);
  const { page, seen, close } = await openBrowser(config);
  const found = { sentiment: [], generation: [], translation: [] };
  try {
    await page.goto(server.address);
    await whenReady(page);
    for (const { tab, texts } of config.sentiment) {
      await showTab(page, tab);
      found.sentiment.push(await classifyAll(page, texts));
    }
    found.typed = await typedSlowly(page, config.sentiment[0].tab);
    for (const wanted of config.generation) {
      await showTab(page, wanted.tab);
      found.generation.push(await write(page, wanted));
    }
    found.again = await writeAgain(page);
    found.stopped = await stopWriting(page);
    for (const { tab, texts, beam } of config.translation) {
      await showTab(page, tab);
      found.translation.push(await translateAll(page, texts, beam));
    }
  } finally {
    await close();
    await server.stop();
  }
  return { ...found, ...seen };
}

async function classifyAll(page, texts) {
  const found = [];
  for (const text of texts) {
    await answered(page, () => paste(page, text));
    found.push(await classified(page));
  }
  return found;
}

/** A text typed key by key, and then taken away again. */
async function typedSlowly(page, tab) {
  await showTab(page, tab);
  await paste(page, "");
  await page.focus(`${SHOWN} textarea`);
  await answered(page, () => page.keyboard.type("good"));
  await page.waitForFunction(() => document.querySelector(".panel:not([hidden]) .verdict").textContent);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const after = await classified(page);
  for (let key = 0; key < 4; key++) await page.keyboard.press("Backspace");
  await page.waitForFunction(() => !document.querySelector(".panel:not([hidden]) .bars li"));
  const cleared = await page.$eval(`${SHOWN} .verdict`, (verdict) => verdict.textContent);
  return { after, cleared };
}

async function write(page, { prompt, seed, length, temperature, condition }) {
  await paste(page, prompt);
  await set(page, "seed", String(seed));
  await set(page, "length", String(length));
  await set(page, "temperature", String(temperature));
  if (condition !== undefined) await set(page, "condition", condition);
  const growth = await press(page, "done");
  return { ...(await written(page)), growth };
}

/** Another text, and then that text once more by keeping its seed. */
async function writeAgain(page) {
  const first = await written(page);
  await clickByWords(page, "again");
  await whenDone(page);
  const second = await written(page);
  await clickByWords(page, "keepSeed");
  await press(page, "done");
  return { first, second, third: await written(page) };
}

/** A long text, stopped at its first piece. */
async function stopWriting(page) {
  await set(page, "length", "1000");
  await set(page, "seed", "5");
  await press(page, "done");
  const whole = await written(page);
  // Within the page, since the whole text would be there before a message from here arrived.
  await page.evaluate(() => {
    const shown = document.querySelector(".panel:not([hidden])");
    const button = shown.querySelector("button.main");
    const observer = new MutationObserver(() => {
      if (shown.querySelector(".written").lastChild.data === "") return;
      observer.disconnect();
      button.click();
    });
    observer.observe(shown.querySelector(".written"), { characterData: true, subtree: true });
    button.click();
  });
  await whenDone(page);
  const stopped = await written(page);
  const button = await page.$eval(`${SHOWN} button.main`, (found) => found.textContent);
  return { whole: whole.text, stopped: stopped.text, button };
}

async function translateAll(page, texts, beam) {
  await answered(page, async () => {
    await paste(page, texts[0]);
    await set(page, "beam", String(beam));
  });
  const found = [];
  for (const text of texts) {
    await answered(page, () => paste(page, text));
    found.push(
      await page.evaluate(() => {
        const card = document.querySelector(".panel:not([hidden]) .answer");
        const others = [...card.querySelectorAll("ol li")].map((item) => item.textContent);
        return { text: card.querySelector(".translated").textContent, others };
      }),
    );
  }
  return found;
}

/** Changes a setting by the end of its id. */
function set(page, name, value) {
  return page.$eval(
    `${SHOWN} [id$="-${name}"]`,
    (input, wanted) => {
      input.value = wanted;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    },
    value,
  );
}

/** Presses "Write"; the lengths that the text had on its way. */
async function press(page) {
  return page.evaluate(async () => {
    const shown = document.querySelector(".panel:not([hidden])");
    const rest = shown.querySelector(".written").lastChild;
    const growth = [];
    const observer = new MutationObserver(() => growth.push(rest.data.length));
    observer.observe(rest, { characterData: true });
    shown.querySelector("button.main").click();
    const card = shown.querySelector(".answer");
    while (card.dataset.state !== "done") await new Promise((resolve) => setTimeout(resolve, 5));
    observer.disconnect();
    return growth;
  });
}

function written(page) {
  return page.evaluate(() => {
    const card = document.querySelector(".panel:not([hidden]) .answer");
    const [prompt, rest] = card.querySelector(".written").childNodes;
    return { prompt: prompt.textContent, text: rest.data, seed: Number(card.dataset.seed) };
  });
}

function whenDone(page) {
  return page.waitForSelector(`${SHOWN} .answer[data-state="done"]`);
}

function clickByWords(page, name) {
  return page.$eval(`${SHOWN} [data-text="${name}"]`, (button) => button.click());
}
