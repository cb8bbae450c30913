import { BundleError } from "../errors.js";

/**
 * The largest number.
 *
 * @param {ArrayLike<number>} values at least one
 */
export function largest(values) {
  let found = -Infinity;
  for (let place = 0; place < values.length; place += 1) {
    if (values[place] > found) {
      found = values[place];
    }
  }
  return found;
}

/**
 * Where the largest number stands first.
 *
 * @param {ArrayLike<number>} values at least one
 */
export function placeOfLargest(values) {
  let found = 0;
  for (let place = 1; place < values.length; place += 1) {
    if (values[place] > values[found]) {
      found = place;
    }
  }
  return found;
}

/**
 * What is to be taken off the logits of a network to make them natural-log probabilities.
 *
 * @param {ArrayLike<number>} logits [vocabulary]
 * @returns {number}
 * @throws {BundleError} they are not numbers
 */
export function checkedNormalizer(logits) {
  const found = logNormalizer(logits);
  if (!Number.isFinite(found)) {
    throw new BundleError(
      "The network answers with something that is not a number; train and export it again.",
    );
  }
  return found;
}

/**
 * Natural-log probabilities, in double precision.
 *
 * @param {ArrayLike<number>} logits [vocabulary], -Infinity for what is impossible
 * @returns {Float64Array} [vocabulary]
 */
export function logSoftmax(logits) {
  const normalizer = logNormalizer(logits);
  return new Float64Array(logits).map((value) => value - normalizer);
}

/** @param {ArrayLike<number>} logits [vocabulary] */
function logNormalizer(logits) {
  const most = largest(logits);
  let sum = 0;
  for (let place = 0; place < logits.length; place += 1) {
    sum += Math.exp(logits[place] - most);
  }
  return most + Math.log(sum);
}
