import { stripped } from "./plain_text.js";
import { translated } from "./regular_expression.js";
import { unknownPart } from "./unknown_part.js";

/**
 * Cleans a text before it is cut.
 *
 * @callback Normalize
 * @param {string} text
 * @returns {string}
 */

const KNOWN = "Sequence, Replace, NFC, Lowercase and Strip";
// White space of Unicode, which has not changed since 2013; trim() would take U+FEFF as well.
const WHITE_SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/**
 * Makes the normalizer that tokenizer.json describes.
 *
 * @param {any} description null for none
 * @returns {Normalize}
 * @throws {import("../errors.js").BundleError} it is of an unknown type
 */
export function makeNormalizer(description) {
  switch (description === null ? null : description?.type) {
    case null:
      return (text) => text;
    case "Sequence":
      return inOrder(description.normalizers.map(makeNormalizer));
    case "Replace":
      return makeReplace(description);
    case "NFC":
      return (text) => text.normalize("NFC");
    case "Lowercase":
      // Letter by letter: at the end of a word JavaScript would choose another small sigma.
      return (text) => text.replaceAll("\u03a3", "\u03c3").toLowerCase();
    case "Strip":
      return makeStrip(description);
    default:
      throw unknownPart("normalizer", description?.type, KNOWN);
  }
}

/**
 * @param {Normalize[]} steps
 * @returns {Normalize}
 */
function inOrder(steps) {
  return (text) => steps.reduce((clean, step) => step(clean), text);
}

/**
 * @param {{pattern: {String?: string, Regex?: string}, content: string}} description
 * @returns {Normalize}
 */
function makeReplace({ pattern, content }) {
  const replacement = content.replaceAll("$", "$$$$"); // a dollar sign of its own
  if (typeof pattern?.String === "string" && pattern.String !== "") {
    const literal = pattern.String;
    return (text) => text.replaceAll(literal, replacement);
  }
  if (typeof pattern?.Regex === "string") {
    const expression = translated(pattern.Regex);
    return (text) => text.replace(expression, replacement);
  }
  throw unknownPart("pattern of a Replace", pattern, "a String or a Regex");
}

/**
 * @param {{strip_left: boolean, strip_right: boolean}} description
 * @returns {Normalize}
 */
function makeStrip({ strip_left: left, strip_right: right }) {
  return (text) => stripped(text, (character) => WHITE_SPACE.test(character), { left, right });
}
