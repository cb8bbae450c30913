import { toByteCharacters } from "./byte_level.js";
import { translated } from "./regular_expression.js";
import { unknownPart } from "./unknown_part.js";

/**
 * Cuts a text into pieces, which are never empty.
 *
 * @callback Cut
 * @param {string} text
 * @returns {string[]}
 */

const KNOWN = "Sequence, Split and ByteLevel";
// The pattern of GPT-2 (Radford et al., 2019), with white space spelt out.
const GPT2 =
  /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/**
 * Makes the pre-tokenizer that tokenizer.json describes.
 *
 * @param {any} description null for none
 * @returns {Cut}
 * @throws {import("../errors.js").BundleError} it is of an unknown type
 */
export function makePreTokenizer(description) {
  switch (description === null ? null : description?.type) {
    case null:
      return (text) => (text === "" ? [] : [text]);
    case "Sequence":
      return inOrder(description.pretokenizers.map(makePreTokenizer));
    case "Split":
      return makeSplit(description);
    case "ByteLevel":
      return makeByteLevel(description);
    default:
      throw unknownPart("pre-tokenizer", description?.type, KNOWN);
  }
}

/**
 * @param {Cut[]} steps
 * @returns {Cut}
 */
function inOrder(steps) {
  return (text) => steps.reduce((pieces, step) => pieces.flatMap(step), [text]);
}

/**
 * @param {{pattern: {Regex?: string}, behavior: string, invert: boolean}} description
 * @returns {Cut}
 */
function makeSplit({ pattern, behavior, invert }) {
  if (typeof pattern?.Regex !== "string") {
    throw unknownPart("pattern of a Split", pattern, "a Regex");
  }
  const expression = translated(pattern.Regex);
  if (behavior === "Isolated") {
    return (text) => isolated(text, expression);
  }
  if (behavior === "Removed") {
    return invert
      ? (text) => matches(text, expression)
      : (text) => text.split(expression).filter(Boolean);
  }
  throw unknownPart("behaviour of a Split", behavior, "Isolated and Removed");
}

/**
 * @param {{add_prefix_space: boolean, use_regex?: boolean}} description
 * @returns {Cut}
 */
function makeByteLevel({ add_prefix_space: addsSpace, use_regex: cuts = true }) {
  if (addsSpace) {
    throw unknownPart("ByteLevel with add_prefix_space", "true", "false");
  }
  return cuts
    ? (text) => isolated(text, GPT2).map(toByteCharacters)
    : (text) => (text === "" ? [] : [toByteCharacters(text)]);
}

/**
 * What matches, in order.
 *
 * @param {string} text
 * @param {RegExp} expression
 * @returns {string[]}
 */
function matches(text, expression) {
  /** @type {string[]} */
  const found = text.match(expression) ?? [];
  return found.includes("") ? found.filter(Boolean) : found;
}

/**
 * What matches and what lies between, in order.
 *
 * @param {string} text
 * @param {RegExp} expression
 * @returns {string[]}
 */
function isolated(text, expression) {
  const found = matches(text, expression);
  const covered = found.reduce((sum, piece) => sum + piece.length, 0);
  if (covered === text.length) {
    return found; // most patterns match everything, and this is much faster
  }
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(expression)) {
    pieces.push(text.slice(end, match.index), match[0]);
    end = match.index + match[0].length;
  }
  pieces.push(text.slice(end));
  return pieces.filter(Boolean);
}
