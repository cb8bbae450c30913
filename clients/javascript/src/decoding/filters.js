import { largest, logSoftmax } from "./log_softmax.js";

// Sums of probabilities carry rounding errors; a set that reaches its mass but for less than
// this has reached it.
const TOLERANCE = 1e-9;

/**
 * How likely words are made likelier, and unlikely ones left out.
 *
 * @typedef {object} Filters
 * @property {number} temperature
 * @property {number} topK 0 for off
 * @property {number} topP 1 for off
 * @property {number} minP 0 for off
 * @property {number} typical 1 for off
 */

/**
 * The log-probabilities to draw from; of equals the lower ids are kept.
 *
 * @param {Float64Array} scores [vocabulary] logits, -Infinity for what must not come
 * @param {Filters} filters the temperature must not be 0
 * @returns {Float64Array} [vocabulary], normalised
 */
export function filtered(scores, { temperature, topK, topP, minP, typical }) {
  const most = largest(scores);
  /** @type {Float64Array} */
  let kept = scores.map((score) => (score - most) / temperature);
  if (topK > 0) {
    kept = keepTopK(kept, topK);
  }
  if (topP < 1) {
    kept = keepTopP(kept, topP);
  }
  if (minP > 0) {
    kept = keepMinP(kept, minP);
  }
  if (typical < 1) {
    kept = keepTypical(kept, typical);
  }
  return logSoftmax(kept);
}

/**
 * Keeps the k likeliest tokens (Fan et al., 2018).
 *
 * @param {Float64Array} scores
 * @param {number} k
 */
function keepTopK(scores, k) {
  return k >= scores.length ? scores : keepBest(scores, k, descending(scores));
}

/**
 * Keeps the smallest set of likeliest tokens that has the mass (Holtzman et al., 2020).
 *
 * @param {Float64Array} scores
 * @param {number} mass above 0, at most 1
 */
function keepTopP(scores, mass) {
  const logProbabilities = logSoftmax(scores);
  const ordered = descending(logProbabilities);
  return keepBest(logProbabilities, countToMass(ordered.map(Math.exp), mass), ordered);
}

/**
 * Keeps tokens at least `share` times as likely as the likeliest (Nguyen et al., 2024).
 *
 * @param {Float64Array} scores
 * @param {number} share
 */
function keepMinP(scores, share) {
  const threshold = largest(scores) + Math.log(share) - TOLERANCE;
  return scores.map((score) => (score >= threshold ? score : -Infinity));
}

/**
 * Keeps the tokens whose surprise is nearest the expected one (Meister et al., 2023).
 *
 * @param {Float64Array} scores
 * @param {number} mass the probability that the kept set must have
 */
function keepTypical(scores, mass) {
  const logProbabilities = logSoftmax(scores);
  let entropy = 0;
  for (const value of logProbabilities) {
    entropy += Number.isFinite(value) ? -value * Math.exp(value) : 0;
  }
  const distance = logProbabilities.map((value) =>
    Number.isFinite(value) ? Math.abs(-value - entropy) : Infinity,
  );
  const order = Array.from(scores.keys()).sort((one, other) =>
    distance[one] === distance[other] ? one - other : distance[one] - distance[other],
  );
  const count = countToMass(
    Float64Array.from(order, (id) => Math.exp(logProbabilities[id])),
    mass,
  );
  const kept = new Float64Array(scores.length).fill(-Infinity);
  for (const id of order.slice(0, count)) {
    kept[id] = logProbabilities[id];
  }
  return kept;
}

/** @param {Float64Array} values */
function descending(values) {
  return values.slice().sort().reverse();
}

/**
 * How many of the ordered probabilities it takes to reach a mass; at least one.
 *
 * @param {Float64Array} ordered
 * @param {number} mass
 */
function countToMass(ordered, mass) {
  let count = 0;
  let sum = 0;
  for (const probability of ordered) {
    if (sum >= mass - TOLERANCE) {
      break;
    }
    sum += probability;
    count += 1;
  }
  return Math.max(count, 1);
}

/**
 * Keeps the best scores, of equals the lower ids.
 *
 * @param {Float64Array} scores [vocabulary]
 * @param {number} count how many
 * @param {Float64Array} ordered the scores, best first
 */
function keepBest(scores, count, ordered) {
  const threshold = ordered[count - 1];
  let room = count;
  for (const score of scores) {
    room -= score > threshold ? 1 : 0;
  }
  return scores.map((score) => {
    if (score === threshold) {
      room -= 1;
      return room >= 0 ? score : -Infinity;
    }
    return score > threshold ? score : -Infinity;
  });
}
