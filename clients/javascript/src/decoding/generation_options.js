import { OptionError } from "../errors.js";
import { checkedOptions } from "./options.js";

/**
 * How a text is written. What is left out is as the bundle says, or off.
 *
 * @typedef {object} GenerationOptions
 * @property {number} [length] most new tokens
 * @property {number} [minLength] tokens before an end mark may come
 * @property {number} [temperature] 0 takes the likeliest token, 1 draws by the probabilities
 * @property {number} [topK] draws among so many likeliest tokens (Fan et al., 2018); 0 for off
 * @property {number} [topP] draws among the likeliest tokens of this probability (Holtzman et
 *   al., 2020); 1 for off
 * @property {number} [minP] draws among tokens at least so many times as likely as the
 *   likeliest (Nguyen et al., 2024); 0 for off
 * @property {number} [typical] draws among tokens of typical surprise that have this
 *   probability (Meister et al., 2023); 1 for off
 * @property {number} [repetitionPenalty] makes tokens that were there less likely (Keskar et
 *   al., 2019); 1 for off
 * @property {number} [noRepeatNgram] no sequence of so many tokens comes twice; 0 for off
 * @property {string | readonly string[]} [stop] texts that end it, cut off
 * @property {number} [seed] the same one gives the same text; a new one unless given
 * @property {number} [sampleNumber] which of the texts of a seed, from 0
 * @property {string} [condition] label that steers the text, for models trained with labels
 * @property {number} [beam] 1 draws; more searches for the likeliest text
 * @property {number} [nBest] answers of a search
 * @property {number} [lengthPenalty] of a search: alpha of Wu et al. (2016)
 */

/**
 * The options with nothing left out.
 *
 * @typedef {Required<Omit<GenerationOptions, "stop" | "seed" | "condition">> & {
 *   stop: readonly string[], seed: number | null, condition: string | null
 * }} CheckedGenerationOptions
 */

/** @type {Record<string, import("./options.js").Range>} */
const RANGES = {
  length: { least: 1, whole: true },
  minLength: { least: 0, whole: true },
  temperature: { least: 0 },
  topK: { least: 0, whole: true },
  topP: { least: 0, most: 1, above: true },
  minP: { least: 0, most: 1 },
  typical: { least: 0, most: 1, above: true },
  repetitionPenalty: { least: 1 },
  noRepeatNgram: { least: 0, whole: true },
  seed: { least: 0, whole: true },
  sampleNumber: { least: 0, whole: true },
  beam: { least: 1, whole: true },
  nBest: { least: 1, whole: true },
  lengthPenalty: { least: 0 },
};
const ONLY_FOR_DRAWS = /** @type {const} */ (["temperature", "topK", "topP", "minP", "typical"]);

/**
 * Checks the options of a call.
 *
 * @param {GenerationOptions} given
 * @param {import("../manifest.js").LanguageModelManifest["decoding"]} defaults of the bundle
 * @returns {CheckedGenerationOptions}
 * @throws {OptionError} an option is unknown, out of range or contradicts another
 */
export function generationOptions(given, defaults) {
  const stop = typeof given.stop === "string" ? [given.stop] : (given.stop ?? []);
  if (!Array.isArray(stop) || stop.some((text) => typeof text !== "string" || text === "")) {
    throw new OptionError("stop must be texts of at least one character.");
  }
  const found = checkedOptions({ ...given, stop }, complete(defaults), RANGES);
  if (given.minLength && found.minLength > found.length) {
    throw new OptionError(`minLength must not exceed length, which is ${found.length}.`);
  }
  if (found.nBest > found.beam) {
    throw new OptionError(`nBest must not exceed beam, which is ${found.beam}.`);
  }
  if (found.beam === 1 && found.lengthPenalty > 0) {
    throw new OptionError("lengthPenalty has a meaning for a beam search only; give beam too.");
  }
  const drawn = ONLY_FOR_DRAWS.find((name) => (given[name] ?? null) !== null);
  if (found.beam > 1 && drawn !== undefined) {
    throw new OptionError(`A beam search does not draw; leave out ${drawn}, or the beam.`);
  }
  return found;
}

/**
 * @param {import("../manifest.js").LanguageModelManifest["decoding"]} defaults
 * @returns {CheckedGenerationOptions}
 */
function complete(defaults) {
  return {
    length: defaults.length,
    minLength: 0,
    temperature: defaults.temperature,
    topK: defaults.top_k,
    topP: defaults.top_p,
    minP: defaults.min_p,
    typical: defaults.typical,
    repetitionPenalty: defaults.repetition_penalty,
    noRepeatNgram: defaults.no_repeat_ngram,
    stop: [],
    seed: null,
    sampleNumber: 0,
    condition: null,
    beam: 1,
    nBest: 1,
    lengthPenalty: 0,
  };
}
