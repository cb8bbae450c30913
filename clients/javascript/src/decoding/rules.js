import { OptionError } from "../errors.js";

/** What may come next, given what was written. */
export class Rules {
  /**
   * @param {object} rules
   * @param {number} rules.vocabularySize number of logits
   * @param {readonly number[]} [rules.never] ids that are never written: padding and the like
   * @param {number | null} [rules.endId] the end mark; null for a model that has none
   * @param {number} [rules.minLength] new ids before the end mark may come
   * @param {readonly number[]} [rules.prompt] ids before the new ones; for repeats they count
   *   as written
   * @param {number} [rules.noRepeatNgram] no sequence of so many ids comes twice; 0 for off
   * @param {number} [rules.repetitionPenalty] 1 for off
   * @throws {OptionError} nothing may be written
   */
  constructor({
    vocabularySize,
    never = [],
    endId = null,
    minLength = 0,
    prompt = [],
    noRepeatNgram = 0,
    repetitionPenalty = 1,
  }) {
    if (new Set(endId === null ? never : [...never, endId]).size >= vocabularySize) {
      throw new OptionError("The model has no token that may be written; take another bundle.");
    }
    this.never = never;
    this.endId = endId;
    this.minLength = minLength;
    this.prompt = prompt;
    this.noRepeatNgram = noRepeatNgram;
    this.repetitionPenalty = repetitionPenalty;
  }

  /**
   * Logits with -Infinity for what must not come.
   *
   * @param {ArrayLike<number>} logits [vocabulary]
   * @param {readonly number[]} written the new ids so far
   * @returns {Float64Array} [vocabulary]
   */
  apply(logits, written) {
    const scores = new Float64Array(logits);
    if (this.repetitionPenalty !== 1) {
      penaliseRepetition(scores, [...this.prompt, ...written], this.repetitionPenalty);
    }
    for (const id of this.never) {
      scores[id] = -Infinity;
    }
    if (this.endId !== null && written.length < this.minLength) {
      scores[this.endId] = -Infinity;
    }
    if (this.noRepeatNgram > 0) {
      block(scores, idsThatRepeat([...this.prompt, ...written], this.noRepeatNgram));
    }
    return scores;
  }
}

/**
 * Makes the logits of ids that were there before smaller (Keskar et al., 2019).
 *
 * A positive logit is divided and a negative one multiplied, so that both lose.
 *
 * @param {Float64Array} scores [vocabulary], changed in place
 * @param {readonly number[]} ids
 * @param {number} penalty at least 1
 */
function penaliseRepetition(scores, ids, penalty) {
  for (const id of new Set(ids)) {
    scores[id] = scores[id] > 0 ? scores[id] / penalty : scores[id] * penalty;
  }
}

/**
 * The ids that would complete an n-gram which is already there (Paulus et al., 2018).
 *
 * @param {readonly number[]} history ids so far
 * @param {number} size the n, at least 1
 * @returns {number[]}
 */
export function idsThatRepeat(history, size) {
  const tail = history.length - size + 1; // the new n-gram would begin here
  const found = new Set();
  for (let start = 0; start < tail; start += 1) {
    let same = 0;
    while (same < size - 1 && history[start + same] === history[tail + same]) {
      same += 1;
    }
    if (same === size - 1) {
      found.add(history[start + size - 1]);
    }
  }
  return [...found];
}

/**
 * Makes ids impossible, unless nothing would be left.
 *
 * @param {Float64Array | Float32Array} scores [vocabulary], changed in place
 * @param {readonly number[]} ids each once
 */
export function block(scores, ids) {
  const before = ids.map((id) => scores[id]);
  for (const id of ids) {
    scores[id] = -Infinity;
  }
  if (!scores.some(Number.isFinite)) {
    ids.forEach((id, place) => {
      scores[id] = before[place];
    });
  }
}
