import { ClassifierTokenizer } from "../../src/text/classifier_tokenizer.js";
import { GenerationTokenizer } from "../../src/text/generation_tokenizer.js";

/**
 * What a check found; it runs in Node and in a browser alike.
 *
 * @typedef {object} Findings
 * @property {number} compared how many answers
 * @property {string[]} problems what is wrong, at most a few
 */

const SHOWN = 5;

/**
 * The reader that a folder of fuzz/ describes.
 *
 * @param {any} description the content of tokenizer.json
 * @param {any} spec the content of spec.json
 */
export function readerOf(description, spec) {
  return spec.reader === "classifier"
    ? new ClassifierTokenizer(description, {
        maximumLength: spec.maximum_length,
        headLength: spec.head_length,
        unknownId: 1,
      })
    : new GenerationTokenizer(description, {
        kind: spec.kind,
        conditions: spec.conditions.length,
      });
}

/**
 * Compares the ids of strings with those of Python.
 *
 * @param {{encode: (text: string) => readonly number[]}} tokenizer
 * @param {readonly string[]} strings
 * @param {Int32Array} expected for each string the number of its ids, then the ids
 * @returns {Findings}
 */
export function compareIds(tokenizer, strings, expected) {
  const problems = [];
  let place = 0;
  for (const text of strings) {
    const count = expected[place];
    const ids = expected.subarray(place + 1, place + 1 + count);
    const found = tokenizer.encode(text);
    if (found.length !== count || !found.every((id, index) => id === ids[index])) {
      problems.push(`${codePoints(text)}: ids ${found} instead of ${ids}`);
    }
    place += count + 1;
  }
  return { compared: strings.length, problems: shortened(problems) };
}

/**
 * Compares the texts of ids with those of Python.
 *
 * @param {GenerationTokenizer} tokenizer
 * @param {readonly {ids: number[], text: string}[]} cases
 * @returns {Findings}
 */
export function compareTexts(tokenizer, cases) {
  const problems = [];
  for (const { ids, text } of cases) {
    const found = tokenizer.decode(ids);
    if (found !== text) {
      problems.push(`ids ${ids}: ${codePoints(found)} instead of ${codePoints(text)}`);
    }
  }
  return { compared: cases.length, problems: shortened(problems) };
}

/** @param {string[]} problems */
function shortened(problems) {
  const more = problems.length - SHOWN;
  return more > 0 ? [...problems.slice(0, SHOWN), `and ${more} more`] : problems;
}

/** @param {string} text */
function codePoints(text) {
  return [...text].map((mark) => mark.codePointAt(0)?.toString(16)).join(" ");
}
