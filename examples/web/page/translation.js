import { copyButton, element, exampleButtons, slider, textArea } from "./elements.js";
import { latestOnly } from "./latest.js";
import { languageName, languagesOf } from "./languages.js";
import { words } from "./words.js";

const PAUSE = 250; // milliseconds without a key, after which a text is translated
const WIDEST = 10;
const SHOWN = 3;

/**
 * The view of a translation model: it translates in every pause of typing.
 * @param {import("./app.js").View} view
 * @returns {{root: HTMLElement, showExamples: (texts: string[]) => void}}
 */
export function translationView({ id, name, manifest, bundle, fail }) {
  const languages = languagesOf(name);
  const area = textArea({ id: `${id}-source`, placeholder: "sourcePlaceholder", lang: languages?.source });
  const label = element("label", { for: area.id, text: "source" });
  const examples = exampleButtons(area);
  const beam = beamSlider(id, manifest.decoding.beam);
  const target = targetCard(languages);
  const asking = latestOnly(
    (text, signal) => {
      const width = Number(beam.input.value);
      return bundle.translate(text, { beam: width, nBest: Math.min(SHOWN, width) }, signal);
    },
    ({ value, milliseconds }) => target.show(value, milliseconds),
    (problem) => {
      target.clear();
      fail(problem);
    },
  );
  let pause;
  const later = () => {
    clearTimeout(pause);
    if (area.value.trim() === "") {
      asking.drop();
      target.clear();
      return;
    }
    pause = setTimeout(() => {
      target.wait();
      asking.put(area.value);
    }, PAUSE);
  };
  area.addEventListener("input", later);
  beam.input.addEventListener("input", later);
  const nameLanguage = () => {
    if (languages) label.textContent = languageName(languages.source);
  };
  document.addEventListener("wordschange", nameLanguage);
  nameLanguage();

  const settings = element(
    "details",
    { class: "settings" },
    element("summary", { text: "settings" }),
    beam.root,
  );
  const root = element(
    "div",
    { class: "columns" },
    element("section", { class: "card" }, label, area, examples.root, settings),
    target.root,
  );
  return { root, showExamples: examples.show };
}

function beamSlider(id, value) {
  const say = (width) => (width === 1 ? words("beamGreedy") : words("beamValue", { value: width }));
  const max = Math.max(WIDEST, value);
  return slider({ id: `${id}-beam`, text: "beam", min: 1, max, step: 1, value, say });
}

/** The translation, with the next best ones folded away. */
function targetCard(languages) {
  const heading = element("h2", { text: "target" });
  const time = element("span", { class: "small" });
  const text = element("p", { class: "translated", dir: "auto", lang: languages?.target });
  const live = element("div", { "aria-live": "polite" }, text);
  const empty = element("p", { class: "soft", text: "translationEmpty" });
  const note = element("p", { class: "soft", text: "textCut", hidden: true });
  const list = element("ol", { lang: languages?.target });
  const others = element("details", { hidden: true }, element("summary", { text: "otherTranslations" }), list);
  const buttons = element("div", { class: "buttons", hidden: true }, copyButton(text, () => text.textContent));
  const head = element("div", { class: "row" }, heading, time);
  const root = element("section", { class: "card answer" }, head, empty, live, note, buttons, others);

  function show({ text: best, candidates, cut }, milliseconds) {
    empty.hidden = true;
    note.hidden = !cut;
    text.textContent = best === "" ? words("noTranslation") : best;
    text.classList.toggle("soft", best === "");
    time.textContent = words("milliseconds", { value: Math.round(milliseconds) });
    const rest = [...new Set(candidates.map((candidate) => candidate.text))];
    const different = rest.filter((other) => other !== best && other !== "");
    list.replaceChildren(...different.map((other) => element("li", { dir: "auto" }, other)));
    others.hidden = different.length === 0;
    buttons.hidden = best === "";
    root.dataset.answers = String(Number(root.dataset.answers ?? 0) + 1);
  }
  function clear() {
    empty.hidden = false;
    text.textContent = time.textContent = "";
    others.hidden = buttons.hidden = note.hidden = true;
  }
  const nameLanguage = () => {
    if (languages) heading.textContent = languageName(languages.target);
  };
  document.addEventListener("wordschange", nameLanguage);
  nameLanguage();
  return { root, show, clear, wait: () => (time.textContent = words("translating")) };
}
