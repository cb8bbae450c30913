import { element, exampleButtons, textArea } from "./elements.js";
import { latestOnly } from "./latest.js";
import { currentLanguage, words } from "./words.js";

const MOST_LABELS = 6;
const KNOWN_LABELS = {
  positive: { zh: "正面", tone: "good" },
  negative: { zh: "负面", tone: "bad" },
  neutral: { zh: "中性", tone: "even" },
};

/**
 * The view of a classifier: it answers while a text is typed.
 * @param {import("./app.js").View} view
 * @returns {{root: HTMLElement, showExamples: (texts: string[]) => void}}
 */
export function sentimentView({ id, bundle, fail }) {
  const area = textArea({ id: `${id}-text`, placeholder: "sentimentPlaceholder" });
  const examples = exampleButtons(area);
  const answer = answerCard();
  const asking = latestOnly(
    (text, signal) => bundle.predict(text, signal),
    ({ value, milliseconds }) => answer.show(value, milliseconds),
    fail,
  );
  let asked = false;
  area.addEventListener("input", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      if (area.value.trim() !== "") return asking.put(area.value);
      asking.drop();
      answer.clear();
    });
  });
  const root = element(
    "div",
    { class: "columns" },
    element(
      "section",
      { class: "card" },
      element("label", { for: area.id, text: "sentimentText" }),
      area,
      examples.root,
    ),
    answer.root,
  );
  return { root, showExamples: examples.show };
}

/** The label, with a bar for the probability of each label. */
function answerCard() {
  const time = element("span", { class: "small" });
  const label = element("p", { class: "verdict", "aria-live": "polite", "aria-atomic": true });
  const bars = element("ul", { class: "bars" });
  const empty = element("p", { class: "soft", text: "sentimentEmpty" });
  const heading = element("h2", { text: "answer" });
  const head = element("div", { class: "row" }, heading, time);
  const root = element("section", { class: "card answer" }, head, empty, label, bars);
  let shown = null;

  function show(value, milliseconds) {
    shown = { value, milliseconds };
    empty.hidden = true;
    const { tone } = KNOWN_LABELS[value.label] ?? {};
    label.dataset.tone = tone ?? "";
    label.dataset.label = value.label;
    const said = [labelName(value.label), percent(value.probability)];
    // A region that is spoken aloud is written only when it says something else.
    if (label.textContent !== said.join("")) label.replaceChildren(said[0], element("span", {}, said[1]));
    showBars(bars, value);
    time.textContent = words("milliseconds", { value: milliseconds.toFixed(1) });
    root.dataset.answers = String(Number(root.dataset.answers ?? 0) + 1);
  }
  function clear() {
    shown = null;
    empty.hidden = false;
    label.textContent = time.textContent = "";
    bars.replaceChildren();
  }
  document.addEventListener("wordschange", () => {
    if (shown) show(shown.value, shown.milliseconds);
  });
  return { root, show, clear };
}

/** Puts probabilities into the bars, in the order of the model where there are few. */
function showBars(bars, { label, probabilities }) {
  let rows = Object.entries(probabilities);
  const left = rows.length - MOST_LABELS;
  if (left > 0) rows = rows.sort((one, other) => other[1] - one[1]).slice(0, MOST_LABELS);
  while (bars.childElementCount < rows.length) bars.append(emptyBar());
  while (bars.childElementCount > rows.length) bars.lastChild.remove();
  rows.forEach(([name, probability], place) => {
    const bar = bars.children[place];
    const [named, value, track] = bar.children;
    bar.dataset.label = name;
    bar.dataset.probability = String(probability);
    bar.dataset.tone = KNOWN_LABELS[name]?.tone ?? "";
    bar.classList.toggle("likeliest", name === label);
    named.textContent = labelName(name);
    value.textContent = percent(probability);
    track.firstChild.style.transform = `scaleX(${probability})`;
  });
  if (left > 0) bars.append(element("li", { class: "soft" }, words("otherLabels", { count: left })));
}

function emptyBar() {
  return element(
    "li",
    {},
    element("span", {}),
    element("span", { class: "value" }),
    element("span", { class: "track", "aria-hidden": true }, element("span", { class: "filled" })),
  );
}

function labelName(label) {
  return (currentLanguage() === "zh" && KNOWN_LABELS[label]?.zh) || label;
}

function percent(probability) {
  return `${(100 * probability).toFixed(1)} %`;
}
