import { words } from "./words.js";

/**
 * Makes an element.
 * @param {string} name of the tag
 * @param {Record<string, any>} [attributes] a function is a listener ("onclick"); `text`, `label`
 *     and `placeholder` name words of the interface; `false` and `undefined` leave one out
 * @param {...(Node | string | false)} children `false` leaves one out
 * @returns {HTMLElement}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (key === "text") Object.assign(made, { textContent: words(value) }).dataset.text = value;
    else if (key === "label") named(made, "label", "aria-label", value);
    else if (key === "placeholder") named(made, "placeholder", "placeholder", value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== false));
  return made;
}

function named(made, kind, attribute, name) {
  made.dataset[kind] = name;
  made.setAttribute(attribute, words(name));
}

/**
 * A text area; where the browser can, it grows with its text (see style.css).
 * @param {Record<string, any>} attributes
 * @returns {HTMLTextAreaElement}
 */
export function textArea(attributes) {
  return element("textarea", { rows: 3, dir: "auto", autocapitalize: "sentences", ...attributes });
}

/**
 * Texts to tap, shown under a text area; their place is kept free until it is known which.
 * @param {HTMLTextAreaElement} area where a tapped text goes
 * @returns {{root: HTMLElement, show: (texts: string[]) => void}}
 */
export function exampleButtons(area) {
  const root = element("div", { class: "examples", role: "group", label: "examples" });
  const take = (text) => {
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const show = (texts) => {
    root.hidden = texts.length === 0;
    root.replaceChildren(
      ...texts.map((text) =>
        element("button", { type: "button", class: "example", onclick: () => take(text) }, text.trim()),
      ),
    );
  };
  return { root, show };
}

/**
 * A slider that tells its value in words.
 * @param {{id: string, text: string, min: number, max: number, step: number, value: number,
 *     say: (value: number) => string}} options `text` names the words of its label
 * @returns {{root: HTMLElement, input: HTMLInputElement}}
 */
export function slider({ id, text, min, max, step, value, say }) {
  const input = element("input", { type: "range", id, min, max, step });
  input.value = String(value);
  const said = element("output", { for: id });
  const show = () => {
    said.textContent = say(Number(input.value));
    input.setAttribute("aria-valuetext", said.textContent);
  };
  input.addEventListener("input", show);
  document.addEventListener("wordschange", show);
  show();
  const label = element("label", { for: id, text });
  return { root: element("div", { class: "setting" }, element("div", { class: "row" }, label, said), input), input };
}

/**
 * A button that copies a text.
 * @param {HTMLElement} shown what holds it, to be selected where a page may not copy
 * @param {() => string} text
 * @returns {HTMLElement}
 */
export function copyButton(shown, text) {
  const button = element("button", { type: "button", class: "quiet", text: "copy", onclick: copy });
  async function copy() {
    let done = "copied";
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      getSelection().selectAllChildren(shown);
      done = "copyByHand";
    }
    button.textContent = words(done);
    setTimeout(() => (button.textContent = words("copy")), 2500);
  }
  return button;
}
