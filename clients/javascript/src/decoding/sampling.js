import { rowOf } from "../tensors.js";
import { filtered } from "./filters.js";
import { checkedNormalizer, placeOfLargest } from "./log_softmax.js";
import { RandomNumbers } from "./random.js";

/**
 * One new id.
 *
 * @typedef {object} Drawn
 * @property {number} id
 * @property {number} logProbability of the id by the model itself, without options
 * @property {import("./language_model.js").Ended | null} ended why this id was the last; null
 *   when more come
 */

/**
 * What chooses ids: the likeliest when the temperature is 0, else by chance.
 *
 * @param {import("./filters.js").Filters} filters
 * @param {number} seed
 * @param {number} [sampleNumber] every sample of a seed has random numbers of its own
 * @returns {(scores: Float64Array) => number} scores [vocabulary] to an id
 */
export function drawing(filters, seed, sampleNumber = 0) {
  if (filters.temperature === 0) {
    return placeOfLargest;
  }
  const numbers = new RandomNumbers([seed, sampleNumber]);
  return (scores) => passedAt(filtered(scores, filters).map(Math.exp), numbers.next());
}

/**
 * The id at which the cumulative probability passes a number.
 *
 * @param {Float64Array} probabilities [vocabulary]; they need not sum to exactly 1
 * @param {number} number uniform in [0, 1)
 */
export function passedAt(probabilities, number) {
  let sum = 0;
  for (const probability of probabilities) {
    sum += probability;
  }
  const wanted = number * sum;
  let cumulative = 0;
  let lastPossible = 0;
  for (let id = 0; id < probabilities.length; id += 1) {
    cumulative += probabilities[id];
    if (cumulative > wanted) {
      return id;
    }
    lastPossible = probabilities[id] > 0 ? id : lastPossible;
  }
  return lastPossible; // rounding may lift the number to the very end
}

/**
 * Writes one text, id by id.
 *
 * @param {import("./language_model.js").LanguageModel} model
 * @param {object} request
 * @param {readonly number[]} request.prompt ids, at least one
 * @param {import("./rules.js").Rules} request.rules what may come; their end mark ends the text
 * @param {(scores: Float64Array) => number} request.choose see `drawing`
 * @param {number} request.length most new ids
 * @param {(id: number) => boolean} [request.stopped] told each id but the end mark; whether the
 *   text ends with it
 * @returns {AsyncGenerator<Drawn, void, void>}
 * @throws {import("../errors.js").BundleError} the network gives something that is no number
 */
export async function* sample(model, { prompt, rules, choose, length, stopped = () => false }) {
  /** @type {number[]} */
  const written = [];
  let { logits, states } = await model.prefill(prompt);
  for (;;) {
    const row = rowOf(logits, 0);
    const id = choose(rules.apply(row, written));
    const logProbability = row[id] - checkedNormalizer(row);
    written.push(id);
    const ended = endOf(id);
    yield { id, logProbability, ended };
    if (ended !== null) {
      return;
    }
    ({ logits, states } = await model.step([id], states));
  }

  /**
   * @param {number} id
   * @returns {import("./language_model.js").Ended | null}
   */
  function endOf(id) {
    if (id === rules.endId) {
      return "end mark";
    }
    if (stopped(id)) {
      return "stop string";
    }
    return written.length === length ? "length" : null;
  }
}
