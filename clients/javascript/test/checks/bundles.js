import { bundleDecoder } from "../../src/tasks/bundle_decoder.js";
import { stripped } from "../../src/text/plain_text.js";

/**
 * @typedef {import("../../src/index.js").Classifier | import("../../src/index.js").TextGenerator
 *   | import("../../src/index.js").Translator} Bundle
 */

const LOGITS_TOLERANCE = 1e-5; // of a logit, as a share of the largest where that is above 1
const SCORE_TOLERANCE = 1e-4; // of a sum of log-probabilities, likewise
// Golden texts do not depend on a bundle's own defaults.
const PLAIN = { topP: 1, minP: 0, typical: 1, repetitionPenalty: 1, noRepeatNgram: 0 };

/**
 * Compares a bundle with its golden rows.
 *
 * @param {Bundle} bundle
 * @param {readonly any[]} rows of golden.jsonl
 * @returns {Promise<import("./tokenizing.js").Findings & {largest: number}>} `largest` is the
 *   largest difference of a probability, logit or attention weight
 */
export async function compareGolden(bundle, rows) {
  /** @type {string[]} */
  const problems = [];
  let largest = 0;
  for (const [number, row] of rows.entries()) {
    /**
     * @param {boolean} right
     * @param {string} what
     */
    const expect = (right, what) => {
      if (!right) {
        problems.push(`golden row ${number + 1}: ${what}`);
      }
    };
    const difference = await compareRow(bundle, row, expect);
    largest = Math.max(largest, difference);
    expect(difference <= LOGITS_TOLERANCE, `the numbers differ by ${difference}`);
  }
  return { compared: rows.length, problems, largest };
}

/**
 * @param {Bundle} bundle
 * @param {any} row
 * @param {(right: boolean, what: string) => void} expect
 * @returns {Promise<number>} the largest difference
 */
function compareRow(bundle, row, expect) {
  switch (bundle.task) {
    case "sentiment":
      return compareClassified(bundle, row, expect);
    case "generation":
      return compareGenerated(bundle, row, expect);
    case "translation":
      return compareTranslated(bundle, row, expect);
  }
}

/**
 * @param {import("../../src/index.js").Classifier} bundle
 * @param {any} row
 * @param {(right: boolean, what: string) => void} expect
 */
async function compareClassified(bundle, row, expect) {
  expect(same(bundle.tokenizer.encode(row.text), row.ids), "other ids");
  const { label, probability, probabilities } = await bundle.predict(row.text);
  const found = bundle.manifest.labels.map((name) => probabilities[name]);
  expect(probability === Math.max(...found), "the probability is not that of the likeliest label");
  expect(probabilities[label] === probability, "the label is not the likeliest");
  return largestDifference(found, row.probabilities);
}

/**
 * @param {import("../../src/index.js").TextGenerator} bundle
 * @param {any} row
 * @param {(right: boolean, what: string) => void} expect
 */
async function compareGenerated(bundle, row, expect) {
  expect(same(bundle.tokenizer.encode(row.text), row.ids), "other ids");
  expect(same(bundle.context(row.text), row.context), "other ids before the new ones");
  for (const name of ["greedy", "sampled"]) {
    const expected = row[name];
    if (expected !== null) {
      const { length, temperature, top_k: topK, seed } = expected;
      const options = { ...PLAIN, length, temperature, topK, seed };
      const found = await bundle.generate(row.text, options);
      expect(same(found.ids, expected.ids), `${name}: ids ${found.ids}`);
      expect(found.text === expected.text, `${name}: the text ${JSON.stringify(found.text)}`);
      expect(found.fullText === row.text + expected.text, `${name}: another full text`);
      const pieces = [];
      for await (const piece of bundle.stream(row.text, options)) {
        pieces.push(piece);
      }
      expect(pieces.join("") === expected.text, `${name}: other pieces of the stream`);
    }
  }
  const { logits } = await bundle.languageModel.prefill(row.context);
  return logitsDifference(logits.data, row);
}

/**
 * @param {import("../../src/index.js").Translator} bundle
 * @param {any} row
 * @param {(right: boolean, what: string) => void} expect
 */
async function compareTranslated(bundle, row, expect) {
  const { ids } = bundle.tokenizers.encodeSource(row.text);
  expect(same(ids, row.ids), "other ids");
  const found = await bundle.translate(row.text, { beam: 1 });
  if (row.ids.length === 0) {
    expect(found.text === "", "a text that holds nothing has a translation");
    return 0;
  }
  expect(same(found.ids.slice(0, row.greedy.length), row.greedy), `greedy: ids ${found.ids}`);
  if (row.text_of_greedy !== null) {
    const text = stripped(bundle.tokenizers.target.decode(row.greedy));
    expect(text === row.text_of_greedy, `greedy: the text ${JSON.stringify(text)}`);
  }
  const { logits, attention } = await firstStep(bundle, row.ids);
  return Math.max(
    logitsDifference(logits.data, row),
    largestDifference(attention.data, row.attention),
  );
}

/**
 * @param {import("../../src/index.js").Translator} bundle
 * @param {readonly number[]} ids of the source
 */
async function firstStep({ model, manifest }, ids) {
  const decoder = await bundleDecoder(model, manifest, ids);
  return decoder.step([manifest.tokenizer.begin_id], [0]);
}

/**
 * Compares beam searches of a bundle with those of Python.
 *
 * @param {Bundle} bundle of generation or translation
 * @param {readonly any[]} cases of beam.json
 * @returns {Promise<import("./tokenizing.js").Findings>}
 */
export async function compareBeams(bundle, cases) {
  const problems = [];
  for (const { text, options, answers } of cases) {
    const { candidates } = await searched(bundle, text, inCamelCase(options));
    const right =
      candidates.length === answers.length &&
      candidates.every((found, place) => sameAnswer(found, answers[place]));
    if (!right) {
      const found = candidates.map((each) => `${JSON.stringify(each.text)} (${each.score})`);
      const wanted = answers.map(
        (/** @type {any} */ each) => `${JSON.stringify(each.text)} (${each.score})`,
      );
      problems.push(
        `${JSON.stringify(text)} with ${JSON.stringify(options)}: ${found} instead of ${wanted}`,
      );
    }
  }
  return { compared: cases.length, problems };
}

/**
 * @param {Bundle} bundle
 * @param {string} text
 * @param {object} options
 * @returns {Promise<{candidates: {text: string, ids: readonly number[], score: number, ended: string}[]}>}
 */
function searched(bundle, text, options) {
  if (bundle.task === "sentiment") {
    throw new Error("A classifier does not search.");
  }
  return bundle.task === "generation"
    ? bundle.generate(text, options)
    : bundle.translate(text, options);
}

/**
 * @param {{text: string, ids: readonly number[], score: number, ended: string}} found
 * @param {{text: string, ids?: readonly number[], score: number, ended: string}} wanted
 */
function sameAnswer(found, wanted) {
  return (
    found.text === wanted.text &&
    (wanted.ids === undefined || same(found.ids, wanted.ids)) &&
    found.ended === wanted.ended &&
    Math.abs(found.score - wanted.score) <= SCORE_TOLERANCE * Math.max(1, Math.abs(wanted.score))
  );
}

/**
 * Options with names such as top_k as this client calls them.
 *
 * @param {Record<string, unknown>} options
 */
export function inCamelCase(options) {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()),
      value,
    ]),
  );
}

/**
 * @param {ArrayLike<number>} logits
 * @param {{logits: number[], top: [number, number][]}} row
 */
function logitsDifference(logits, row) {
  const wanted = [...row.logits, ...row.top.map(([, value]) => value)];
  const found = [
    ...Array.from(logits).slice(0, row.logits.length),
    ...row.top.map(([id]) => logits[id]),
  ];
  return largestDifference(found, wanted) / Math.max(1, ...wanted.map(Math.abs));
}

/**
 * @param {ArrayLike<number>} found
 * @param {readonly number[]} wanted
 * @returns {number} infinity where there are more of one than of the other, or no numbers
 */
function largestDifference(found, wanted) {
  const differences = wanted.map((value, place) => Math.abs(found[place] - value));
  const largest = found.length === wanted.length ? Math.max(0, ...differences) : Infinity;
  return Number.isNaN(largest) ? Infinity : largest;
}

/**
 * @param {readonly number[]} found
 * @param {readonly number[]} wanted
 */
function same(found, wanted) {
  return found.length === wanted.length && found.every((id, place) => id === wanted[place]);
}
