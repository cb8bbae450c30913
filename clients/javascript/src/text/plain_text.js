// White space as Python's str.isspace knows it: that of Unicode and four more controls.
const SPACES =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACE = new RegExp(`[${SPACES}]`);
const RUN_OF_SPACES = new RegExp(`[${SPACES}]+`);
const LONE_SURROGATE = /[\ud800-\udfff]/gu; // with "u", halves of a pair do not match

/** Stands for bytes that are no whole character. */
export const HALF_CHARACTER = "\ufffd";

/**
 * Whether a character is white space in Python.
 *
 * @param {string} character one UTF-16 unit
 */
export function isSpace(character) {
  return SPACE.test(character);
}

/**
 * The text without the characters at its ends that a test names.
 *
 * @param {string} text
 * @param {(character: string) => boolean} [goes] by default white space in Python
 * @param {{left?: boolean, right?: boolean}} [ends] both by default
 */
export function stripped(text, goes = isSpace, { left = true, right = true } = {}) {
  let start = 0;
  let end = text.length;
  while (left && start < end && goes(text[start])) {
    start += 1;
  }
  while (right && end > start && goes(text[end - 1])) {
    end -= 1;
  }
  return text.slice(start, end);
}

/**
 * The text without U+FFFD at its end, which is what an unfinished character becomes.
 *
 * @param {string} text
 */
export function withoutHalfCharacter(text) {
  return stripped(text, (character) => character === HALF_CHARACTER, { left: false });
}

/**
 * The text with U+FFFD in place of every half of a surrogate pair.
 *
 * @param {string} text
 */
export function withoutSurrogates(text) {
  return text.replace(LONE_SURROGATE, HALF_CHARACTER);
}

/**
 * The text as tokenizers of generation get it: each line end one character, no lone surrogates.
 *
 * @param {string} text
 */
export function prepared(text) {
  return withoutSurrogates(text).replace(/\r\n?/g, "\n");
}

/**
 * The text on one line, composed (NFC), with plain single spaces and none at the ends.
 *
 * @param {string} text
 */
export function plainLine(text) {
  return text.normalize("NFC").split(RUN_OF_SPACES).filter(Boolean).join(" ");
}
