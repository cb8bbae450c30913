import { rowOf, takeRows } from "../tensors.js";
import { BestFew } from "./best_few.js";
import { checkedNormalizer } from "./log_softmax.js";

/**
 * One answer of a beam search.
 *
 * @typedef {object} Hypothesis
 * @property {readonly number[]} ids without the end mark
 * @property {number} score the sum of log-probabilities over the length penalty
 * @property {number} logProbability the sum by the model itself, the end mark included
 * @property {import("./language_model.js").Ended} ended
 */

/**
 * A hypothesis that may go on; `total` is its score without length penalty.
 *
 * @typedef {object} Live
 * @property {readonly number[]} ids
 * @property {number} total
 * @property {number} logProbability
 * @property {number} row of the model call that it came from
 */

/**
 * The likeliest sequences that a beam of the given width finds.
 *
 * Each step keeps the `width` best continuations of all live hypotheses. Those that ended among
 * them leave the beam. The search is over when nothing is live, or when no live hypothesis can
 * still be among the `nBest`: log-probabilities only fall.
 *
 * @param {import("./language_model.js").LanguageModel} model
 * @param {object} request
 * @param {readonly number[]} request.prompt ids, at least one
 * @param {import("./rules.js").Rules} request.rules what may come; their end mark ends a text
 * @param {number} request.width hypotheses kept per step
 * @param {number} request.length most ids, the end mark included
 * @param {number} [request.nBest] most answers, at most `width`
 * @param {number} [request.lengthPenalty] alpha of Wu et al. (2016); larger favours longer ones
 * @param {(ids: readonly number[]) => boolean} [request.stopped] whether the text of these ids
 *   ends here
 * @returns {Promise<Hypothesis[]>} best first, of equals the one found earlier
 */
export async function beamSearch(model, request) {
  const { prompt, rules, width, length, nBest = 1, lengthPenalty = 0 } = request;
  const stopped = request.stopped ?? (() => false);
  /** @type {BestFew<Hypothesis>} */
  const finished = new BestFew(nBest);
  /** @type {Live[]} */
  let live = [{ ids: [], total: 0, logProbability: 0, row: 0 }];
  let { logits, states } = await model.prefill(prompt);
  for (let position = 1; ; position += 1) {
    /** @type {Live[]} */
    const goingOn = [];
    for (const hypothesis of grow(live, logits, rules, width)) {
      const ended = endOf(hypothesis.ids, position);
      if (ended === null) {
        goingOn.push(hypothesis);
        continue;
      }
      const ids = ended === "end mark" ? hypothesis.ids.slice(0, -1) : hypothesis.ids;
      const score = hypothesis.total / penaltyOfLength(position, lengthPenalty);
      const { logProbability } = hypothesis;
      finished.add(score, { ids, score, logProbability, ended });
    }
    if (goingOn.length === 0 || settled(goingOn)) {
      return finished.candidates;
    }
    live = goingOn;
    const rows = live.map(({ row }) => row);
    const kept = Object.entries(states).map(([name, state]) => [name, takeRows(state, rows)]);
    const newest = live.map(({ ids }) => ids[ids.length - 1]);
    ({ logits, states } = await model.step(newest, Object.fromEntries(kept)));
  }

  /**
   * @param {readonly number[]} ids
   * @param {number} position
   * @returns {import("./language_model.js").Ended | null}
   */
  function endOf(ids, position) {
    if (ids[ids.length - 1] === rules.endId) {
      return "end mark";
    }
    if (stopped(ids)) {
      return "stop string";
    }
    return position === length ? "length" : null;
  }

  /**
   * Whether nothing live can still be among the answers.
   *
   * @param {readonly Live[]} goingOn best first
   */
  function settled(goingOn) {
    return !finished.takes(goingOn[0].total / penaltyOfLength(length, lengthPenalty));
  }
}

/**
 * The best continuations, best first.
 *
 * @param {readonly Live[]} live
 * @param {import("../tensors.js").Tensor} logits [live, vocabulary]
 * @param {import("./rules.js").Rules} rules
 * @param {number} width how many
 * @returns {Live[]}
 */
function grow(live, logits, rules, width) {
  /** @type {BestFew<{row: number, id: number, byModel: number}>} */
  const best = new BestFew(width);
  live.forEach(({ ids, total }, row) => {
    const own = rowOf(logits, row);
    const scores = rules.apply(own, ids);
    // What the rules leave keeps its probability: the only way left must not look certain.
    const normalizer = checkedNormalizer(own);
    for (let id = 0; id < scores.length; id += 1) {
      const score = total + scores[id] - normalizer;
      if (best.takes(score)) {
        best.add(score, { row, id, byModel: own[id] - normalizer });
      }
    }
  });
  return best.kept.map(({ score, candidate: { row, id, byModel } }) => ({
    ids: [...live[row].ids, id],
    total: score,
    logProbability: live[row].logProbability + byModel,
    row,
  }));
}

/**
 * What a sum of log-probabilities is divided by: lp of equation 14 of Wu et al. (2016).
 *
 * @param {number} length ids of the hypothesis, an end mark included
 * @param {number} alpha 0 for none; larger favours longer answers
 */
export function penaltyOfLength(length, alpha) {
  return ((5 + length) / 6) ** alpha;
}
