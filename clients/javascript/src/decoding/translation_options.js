import { OptionError } from "../errors.js";
import { checkedOptions } from "./options.js";

/**
 * How a translation is searched for. What is left out is as the bundle says, or off.
 *
 * @typedef {object} TranslationOptions
 * @property {number} [beam] hypotheses kept; 1 is greedy
 * @property {number} [nBest] most answers, at most `beam`
 * @property {number} [lengthPenalty] alpha of Wu et al. (2016), at most 2; larger favours longer
 * @property {number} [coveragePenalty] beta of Wu et al. (2016); favours reading every word
 * @property {number} [lengthRatio] most target tokens per source token
 * @property {number} [extraLength] target tokens beyond that ratio
 * @property {number} [maximumLength] most target tokens in any case
 * @property {number} [minLength] tokens before an end mark may come
 * @property {number} [noRepeatNgram] no sequence of so many tokens comes twice; 0 for off
 */

/** @type {Record<string, import("./options.js").Range>} */
const RANGES = {
  beam: { least: 1, whole: true },
  nBest: { least: 1, whole: true },
  lengthPenalty: { least: 0, most: 2 },
  coveragePenalty: { least: 0 },
  lengthRatio: { least: 0, above: true },
  extraLength: { least: 0, whole: true },
  maximumLength: { least: 1, whole: true },
  minLength: { least: 0, whole: true },
  noRepeatNgram: { least: 0, whole: true },
};

/**
 * Checks the options of a call.
 *
 * @param {TranslationOptions} given
 * @param {import("../manifest.js").TranslationManifest["decoding"]} defaults of the bundle
 * @returns {Required<TranslationOptions>}
 * @throws {OptionError} an option is unknown, out of range or contradicts another
 */
export function translationOptions(given, defaults) {
  const complete = {
    beam: defaults.beam,
    nBest: 1,
    lengthPenalty: defaults.length_penalty,
    coveragePenalty: defaults.coverage_penalty,
    lengthRatio: defaults.length_ratio,
    extraLength: defaults.extra_length,
    maximumLength: defaults.maximum_length,
    minLength: 0,
    noRepeatNgram: 0,
  };
  const found = checkedOptions(given, complete, RANGES);
  if (found.minLength > found.maximumLength) {
    throw new OptionError(
      `minLength must not exceed maximumLength, which is ${found.maximumLength}.`,
    );
  }
  if (found.nBest > found.beam) {
    throw new OptionError(`nBest must not exceed beam, which is ${found.beam}.`);
  }
  return found;
}

/**
 * The most ids that a translation may have, an end mark included.
 *
 * @param {Required<TranslationOptions>} options
 * @param {number} sourceLength number of source ids
 */
export function bound({ lengthRatio, extraLength, maximumLength }, sourceLength) {
  // Rounding must not lift 1.1 x 10 to 12; lengths are whole anyway.
  const wanted = Math.ceil(lengthRatio * sourceLength - 1e-9) + extraLength;
  return Math.max(1, Math.min(maximumLength, wanted));
}
