import { BundleError } from "../errors.js";

// A backslash before one of these is needed in JavaScript; before other marks it is an error.
const SYNTAX_CHARACTERS = "^$\\.*+?()[]{}|/";
const CONTROL_ESCAPES = "nrtfv";
const EVERY_CHARACTER = "[\\s\\S]";

/**
 * A regular expression of tokenizer.json, which is written for Oniguruma, in JavaScript.
 *
 * Only what both engines read alike is taken: classes of literal characters, groups, choices,
 * repetition and looking ahead. Classes that a platform defines, such as \w, are refused,
 * because engines disagree on them.
 *
 * @param {string} pattern
 * @returns {RegExp} with the flags "g" and "u"
 * @throws {BundleError} the pattern holds anything else
 */
export function translated(pattern) {
  let source = "";
  for (let place = 0; place < pattern.length; ) {
    const mark = pattern[place];
    if (pattern.startsWith(EVERY_CHARACTER, place)) {
      source += "[^]";
      place += EVERY_CHARACTER.length;
    } else if (mark === "[") {
      const end = endOfClass(pattern, place);
      source += translatedClass(pattern, place + 1, end);
      place = end + 1;
    } else if (mark === "\\") {
      source += translatedEscape(pattern, place, SYNTAX_CHARACTERS);
      place += 2;
    } else {
      source += translatedMark(pattern, place);
      place += 1;
    }
  }
  try {
    return new RegExp(source, "gu");
  } catch {
    throw refused(pattern, "is not one in JavaScript");
  }
}

/**
 * @param {string} pattern
 * @param {number} place of a mark outside a class that is no backslash
 */
function translatedMark(pattern, place) {
  const mark = pattern[place];
  if (mark === ".") {
    return "[^\\n]"; // JavaScript would leave out three more line ends
  }
  if (mark === "^" || mark === "$") {
    throw refused(pattern, `holds ${mark}`);
  }
  if (mark === "(" && pattern[place + 1] === "?" && !":=!".includes(pattern[place + 2] ?? "<")) {
    throw refused(pattern, `holds ${pattern.slice(place, place + 3)}`);
  }
  return mark;
}

/**
 * @param {string} pattern
 * @param {number} start of a class
 * @returns {number} where its closing bracket stands
 */
function endOfClass(pattern, start) {
  for (let place = start + 1; place < pattern.length; place += 1) {
    if (pattern[place] === "\\") {
      place += 1;
    } else if (pattern[place] === "]") {
      return place;
    }
  }
  throw refused(pattern, "holds a class without an end");
}

/**
 * @param {string} pattern
 * @param {number} start the first place inside a class
 * @param {number} end the place of its closing bracket
 */
function translatedClass(pattern, start, end) {
  let inside = "";
  for (let place = start; place < end; place += 1) {
    if (pattern[place] === "\\") {
      inside += translatedEscape(pattern, place, `${SYNTAX_CHARACTERS}-`);
      place += 1;
    } else if (pattern[place] === "[" || pattern.startsWith("&&", place)) {
      throw refused(pattern, "holds a class inside a class");
    } else {
      inside += pattern[place];
    }
  }
  if (inside === "" || inside === "^") {
    throw refused(pattern, "holds an empty class");
  }
  return `[${inside}]`;
}

/**
 * @param {string} pattern
 * @param {number} place of a backslash
 * @param {string} kept marks that keep it
 */
function translatedEscape(pattern, place, kept) {
  const mark = pattern[place + 1] ?? "";
  if (CONTROL_ESCAPES.includes(mark) && mark) {
    return `\\${mark}`;
  }
  if (!/[!-/:-@[-`{-~]/.test(mark)) {
    throw refused(pattern, `holds \\${mark}`);
  }
  return kept.includes(mark) ? `\\${mark}` : mark;
}

/**
 * @param {string} pattern
 * @param {string} why
 */
function refused(pattern, why) {
  const shown = pattern.length > 60 ? `${pattern.slice(0, 60)}...` : pattern;
  return new BundleError(
    `The regular expression ${shown} of tokenizer.json ${why}, which this client does not read.`,
  );
}
