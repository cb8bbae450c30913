import { currentLanguage } from "./words.js";

/**
 * The languages of a translation bundle, where its name ends in their codes: "multi30k-de-en".
 * @param {string} name
 * @returns {{source: string, target: string} | null}
 */
export function languagesOf(name) {
  const found = name.match(/(?:^|[-_])([a-z]{2,3})[-_]([a-z]{2,3})$/);
  if (!found) return null;
  const [, source, target] = found;
  return nameOf(source) && nameOf(target) ? { source, target } : null;
}

/**
 * A language by its name in the language of the interface.
 * @param {string} code such as "de"
 * @returns {string} such as "German"
 */
export function languageName(code) {
  return nameOf(code) ?? code;
}

function nameOf(code) {
  const options = { type: "language", fallback: "none" };
  return new Intl.DisplayNames(currentLanguage(), options).of(code);
}
