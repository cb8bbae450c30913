import { rowOf } from "../tensors.js";
import { penaltyOfLength } from "./beam_search.js";
import { BestFew } from "./best_few.js";
import { checkedNormalizer, largest } from "./log_softmax.js";
import { block, idsThatRepeat } from "./rules.js";

// A source token that was never looked at must cost much, but not everything.
const LEAST_ATTENTION = 1e-9;
const ALMOST_NEVER = -1e30;

/**
 * What the search knows of an encoder and a decoder that has read one source text.
 *
 * @typedef {object} Decoder
 * @property {(ids: readonly number[], rows: readonly number[]) => Promise<DecoderStep>} step
 *   reads one more target id per row; `rows` are those of the call before that go on, each as
 *   often as it is continued
 */

/**
 * @typedef {object} DecoderStep
 * @property {import("../tensors.js").Tensor} logits [rows, vocabulary], of the id that follows
 * @property {import("../tensors.js").Tensor} attention [rows, source ids]
 */

/**
 * @typedef {object} SearchOptions
 * @property {number} beam hypotheses kept; 1 is greedy
 * @property {number} nBest most answers
 * @property {number} lengthPenalty alpha of Wu et al. (2016)
 * @property {number} coveragePenalty beta of Wu et al. (2016)
 * @property {number} minLength ids before the end mark may come
 * @property {number} noRepeatNgram 0 for off
 * @property {number} bound most ids, the end mark included
 */

/**
 * Which target ids mean something.
 *
 * @typedef {object} TargetIds
 * @property {number} beginId what a model reads before the first id
 * @property {number} endId the end mark
 * @property {readonly number[]} never ids that are never written
 */

/**
 * One target text in ids.
 *
 * @typedef {object} DecodedSequence
 * @property {readonly number[]} ids without the end mark
 * @property {number} score by which answers are ranked: equation 14 of Wu et al. (2016)
 * @property {number} logProbability the sum by the model itself, an end mark included
 * @property {"end mark" | "length"} ended
 */

/**
 * A hypothesis on its way.
 *
 * @typedef {object} Live
 * @property {readonly number[]} ids
 * @property {number} total its log-probability
 * @property {number} row of the model call that it came from
 * @property {Float64Array} read [source ids] how much of each was read so far
 */

/**
 * The likeliest translations of one source text that a beam finds.
 *
 * Each step ranks the continuations of the live hypotheses. Those among the best `beam` that
 * ended are answers; the best `beam` of the others stay live. Pruning is by log-probability
 * alone; the length and the coverage penalty rank the answers. The search is over at the bound,
 * or when no live hypothesis can still be among the `nBest`, or when `beam` hypotheses ended,
 * counted from the step in which one that ended is ahead of all that are live.
 *
 * @param {Decoder} decoder
 * @param {TargetIds} targets
 * @param {SearchOptions} options
 * @returns {Promise<DecodedSequence[]>} 1 to `nBest`, best first; of equals the one found earlier
 * @throws {import("../errors.js").BundleError} the network answers with something that is no number
 */
export async function searchTranslation(decoder, targets, options) {
  const answers = new Answers(targets, options);
  /** @type {Live[]} */
  let live = [{ ids: [], total: 0, row: 0, read: new Float64Array(0) }];
  for (let position = 1; ; position += 1) {
    const newest = live.map(({ ids }) => ids[ids.length - 1] ?? targets.beginId);
    const { logits, attention } = await decoder.step(
      newest,
      live.map(({ row }) => row),
    );
    if (options.coveragePenalty > 0) {
      live = live.map((each, row) => ({ ...each, read: added(each.read, rowOf(attention, row)) }));
    }
    const grown = grow(live, logits, targets, options, position);
    /** @param {Live} each */
    const ended = (each) => position >= options.bound || each.ids[position - 1] === targets.endId;
    grown.slice(0, options.beam).forEach((each, place) => {
      if (ended(each)) {
        answers.add(each, place === 0);
      }
    });
    live = grown.filter((each) => !ended(each)).slice(0, options.beam);
    if (live.length === 0 || answers.complete(live[0].total)) {
      return answers.best.candidates;
    }
  }
}

/** The best answers so far, and how many were in time. */
class Answers {
  /**
   * @param {TargetIds} targets
   * @param {SearchOptions} options
   */
  constructor(targets, options) {
    this.targets = targets;
    this.options = options;
    /** @type {BestFew<DecodedSequence>} */
    this.best = new BestFew(options.nBest);
    this.counting = false;
    this.count = 0;
  }

  /**
   * Takes a hypothesis that ended.
   *
   * @param {Live} ending
   * @param {boolean} ahead of all others of its step
   */
  add({ ids, total, read }, ahead) {
    const { lengthPenalty, coveragePenalty } = this.options;
    const byMark = ids[ids.length - 1] === this.targets.endId;
    const score =
      total / penaltyOfLength(ids.length, lengthPenalty) + coverage(read, coveragePenalty);
    this.best.add(score, {
      ids: byMark ? ids.slice(0, -1) : ids,
      score,
      logProbability: total,
      ended: byMark ? "end mark" : "length",
    });
    // An end mark before one is ahead is a poor guess, and a sure model makes one at every step.
    this.counting = this.counting || ahead;
    this.count += this.counting ? 1 : 0;
  }

  /**
   * Whether nothing live can change the answers.
   *
   * @param {number} best the best live total
   */
  complete(best) {
    const { beam, bound, lengthPenalty } = this.options;
    return this.count >= beam || !this.best.takes(best / penaltyOfLength(bound, lengthPenalty));
  }
}

/**
 * The coverage penalty cp of equation 14 of Wu et al. (2016): 0 when all was read.
 *
 * @param {Float64Array} read [source ids]
 * @param {number} beta its strength
 */
function coverage(read, beta) {
  let sum = 0;
  for (const weight of read) {
    sum += Math.log(Math.min(Math.max(weight, LEAST_ATTENTION), 1));
  }
  return beta * sum;
}

/**
 * @param {Float64Array} read [source ids]; empty at first
 * @param {ArrayLike<number>} more [source ids]
 */
function added(read, more) {
  return Float64Array.from(more, (weight, place) => (read[place] ?? 0) + weight);
}

/**
 * The best continuations: twice the beam, since up to one beam of them may have ended.
 *
 * @param {readonly Live[]} live
 * @param {import("../tensors.js").Tensor} logits [live, vocabulary]
 * @param {TargetIds} targets
 * @param {SearchOptions} options
 * @param {number} position number of ids with the new one
 * @returns {Live[]} best first
 */
function grow(live, logits, targets, options, position) {
  /** @type {BestFew<{row: number, id: number}>} */
  const best = new BestFew(2 * options.beam);
  live.forEach(({ ids, total }, row) => {
    const own = rowOf(logits, row);
    const normalizer = checkedNormalizer(own);
    const mayEnd = position > options.minLength;
    const scores = allowed(own, ids, targets, mayEnd, options.noRepeatNgram);
    for (let id = 0; id < scores.length; id += 1) {
      const score = total + (scores[id] - normalizer);
      if (best.takes(score)) {
        best.add(score, { row, id });
      }
    }
  });
  return best.kept.map(({ score, candidate: { row, id } }) => ({
    ids: [...live[row].ids, id],
    total: score,
    row,
    read: live[row].read,
  }));
}

/**
 * Logits with -Infinity for what must not come; where nothing else is left, the end may.
 *
 * @param {ArrayLike<number>} logits [vocabulary]
 * @param {readonly number[]} written the ids so far
 * @param {TargetIds} targets
 * @param {boolean} mayEnd
 * @param {number} noRepeatNgram
 */
function allowed(logits, written, { never, beginId, endId }, mayEnd, noRepeatNgram) {
  const scores = new Float32Array(logits);
  for (const id of never) {
    scores[id] = -Infinity;
  }
  scores[beginId] = -Infinity;
  if (!mayEnd) {
    scores[endId] = -Infinity;
  }
  if (noRepeatNgram > 0) {
    block(scores, idsThatRepeat(written, noRepeatNgram));
  }
  if (largest(scores) === -Infinity) {
    scores[endId] = Math.max(logits[endId], ALMOST_NEVER);
  }
  return scores;
}
