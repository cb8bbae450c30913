import { copyButton, element, exampleButtons, slider, textArea } from "./elements.js";
import { currentLanguage, words } from "./words.js";

const LONGEST = 1000;
const HOTTEST = 2;
const LARGEST_SEED = 999_999;

/**
 * The view of a language model: it writes on from a beginning.
 * @param {import("./app.js").View} view
 * @returns {{root: HTMLElement, showExamples: (texts: string[]) => void}}
 */
export function generationView({ id, manifest, bundle, fail }) {
  const area = textArea({ id: `${id}-prompt`, rows: 2, placeholder: "promptPlaceholder" });
  const examples = exampleButtons(area);
  const settings = settingsOf(id, manifest);
  const output = outputCard(again, (seed) => (settings.seed.value = String(seed)));
  const write = element("button", { type: "button", class: "main", text: "write", onclick: press });
  let writing = null;

  function press() {
    if (writing) writing.abort();
    else start(chosenSeed(settings.seed) ?? newSeed());
  }
  function again() {
    settings.seed.value = "";
    start(newSeed(output.seed()));
  }
  async function start(seed) {
    writing = new AbortController();
    say(write, "stop");
    output.begin(area.value, seed);
    const options = { ...settings.options(), seed };
    try {
      const { milliseconds } = await bundle.stream(area.value, options, output.add, writing.signal);
      output.end(milliseconds);
    } catch (problem) {
      output.end();
      fail(problem);
    }
    writing = null;
    say(write, "write");
  }

  const root = element(
    "div",
    { class: "columns" },
    element(
      "section",
      { class: "card" },
      element("label", { for: area.id, text: "prompt" }),
      area,
      examples.root,
      settings.root,
      write,
    ),
    output.root,
  );
  return { root, showExamples: examples.show };
}

/**
 * The folded settings.
 * @returns {{root: HTMLElement, seed: HTMLInputElement, options: () => object}}
 */
function settingsOf(id, { decoding, tokenizer }) {
  const length = slider({
    id: `${id}-length`,
    text: "length",
    min: 10,
    max: Math.max(LONGEST, decoding.length),
    step: 10,
    value: decoding.length,
    say: (value) => words("lengthValue", { value }),
  });
  const temperature = slider({
    id: `${id}-temperature`,
    text: "temperature",
    min: 0,
    max: HOTTEST,
    step: 0.05,
    value: decoding.temperature,
    say: (value) => (value === 0 ? words("temperatureGreedy", { value }) : value.toFixed(2)),
  });
  const seed = element("input", {
    id: `${id}-seed`,
    type: "text",
    inputmode: "numeric",
    pattern: "[0-9]*",
    maxlength: 15,
    autocomplete: "off",
    placeholder: "seedPlaceholder",
  });
  const conditions = Object.keys(tokenizer.conditions);
  const condition = element(
    "select",
    { id: `${id}-condition` },
    ...conditions.map((name) => element("option", { value: name }, name)),
  );
  const root = element(
    "details",
    { class: "settings" },
    element("summary", { text: "settings" }),
    conditions.length > 0 && setting(condition, "condition"),
    length.root,
    temperature.root,
    setting(seed, "seed"),
  );
  const options = () => ({
    length: Number(length.input.value),
    temperature: Number(temperature.input.value),
    ...(conditions.length > 0 && { condition: condition.value }),
  });
  return { root, seed, options };
}

function setting(input, text) {
  return element("div", { class: "setting" }, element("label", { for: input.id, text }), input);
}

/** The text as it is written, and what can be done with it. */
function outputCard(again, keepSeed) {
  const prompt = document.createTextNode("");
  const rest = document.createTextNode("");
  const facts = element("p", { class: "small" });
  const text = element("p", { class: "written", dir: "auto" }, element("b", {}, prompt), rest);
  const live = element("div", { "aria-live": "polite", "aria-busy": false }, text);
  const keep = element("button", { type: "button", class: "quiet", text: "keepSeed" });
  const buttons = element(
    "div",
    { class: "buttons" },
    element("button", { type: "button", class: "quiet", text: "again", onclick: again }),
    copyButton(text, () => prompt.data + rest.data),
    keep,
  );
  const heading = element("h2", { text: "written" });
  const root = element(
    "section",
    { class: "card answer", hidden: true },
    element("div", { class: "row" }, heading, facts),
    live,
    buttons,
  );
  let seed;
  let time;
  keep.addEventListener("click", () => {
    keepSeed(seed);
    keep.hidden = true;
  });

  function begin(beginning, newSeed) {
    seed = newSeed;
    time = undefined;
    prompt.data = beginning;
    rest.data = "";
    root.hidden = false;
    buttons.hidden = true;
    root.dataset.state = "writing";
    live.setAttribute("aria-busy", "true");
    showFacts();
    root.scrollIntoView({ block: "nearest", behavior: smoothness() });
  }
  function end(milliseconds) {
    time = milliseconds;
    if (rest.data === "" && milliseconds !== undefined) rest.data = words("nothingWritten");
    buttons.hidden = keep.hidden = false;
    root.dataset.state = "done";
    live.setAttribute("aria-busy", "false");
    showFacts();
  }
  function showFacts() {
    root.dataset.seed = String(seed);
    const found = [words("seedUsed", { seed })];
    if (time !== undefined) found.push(words("milliseconds", { value: Math.round(time) }));
    facts.textContent = found.join(currentLanguage() === "zh" ? "，" : ", ");
  }
  document.addEventListener("wordschange", showFacts);
  return { root, begin, add: (piece) => rest.appendData(piece), end, seed: () => seed };
}

/** The seed that a person wants; null for any. */
function chosenSeed({ value }) {
  const digits = value.replace(/\D/g, "");
  return digits === "" ? null : Number(digits);
}

/** @param {number} [unlike] a seed that it is not */
function newSeed(unlike) {
  const seed = Math.floor(Math.random() * (LARGEST_SEED + 1));
  return seed === unlike ? newSeed(unlike) : seed;
}

function smoothness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

function say(button, name) {
  button.dataset.text = name;
  button.textContent = words(name);
}
