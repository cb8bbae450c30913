import assert from "node:assert/strict";

import { beamSearch } from "../src/decoding/beam_search.js";
import { generationOptions } from "../src/decoding/generation_options.js";
import { Rules } from "../src/decoding/rules.js";
import { drawing, sample } from "../src/decoding/sampling.js";
import { int32Tensor } from "../src/tensors.js";
import { inCamelCase } from "./checks/bundles.js";
import { jsonOf, testWithVectors } from "./vectors.js";

const TOLERANCE = 1e-9; // both sides compute in double precision
const OFF = {
  length: 200,
  temperature: 1,
  top_k: 0,
  top_p: 1,
  min_p: 0,
  typical: 1,
  repetition_penalty: 1,
  no_repeat_ngram: 0,
};

/**
 * The model that decoding.json describes: two tables, the state is the id before the last one.
 *
 * @param {{vocabulary_size: number, first: number[][], second: number[][]}} tables
 * @returns {import("../src/decoding/language_model.js").LanguageModel}
 */
function tableModel({ vocabulary_size: vocabularySize, first, second }) {
  /**
   * @param {readonly number[]} ids
   * @param {ArrayLike<number>} before
   */
  const answer = (ids, before) => {
    const rows = ids.flatMap((id, row) =>
      first[id].map((value, next) => Math.fround(value) + Math.fround(second[before[row]][next])),
    );
    /** @type {import("../src/tensors.js").Tensor} */
    const logits = {
      dtype: "float32",
      shape: [ids.length, vocabularySize],
      data: Float32Array.from(rows),
    };
    return { logits, states: { before: int32Tensor(ids) } };
  };
  return {
    vocabularySize,
    async prefill(ids) {
      const last = ids.length - 1;
      return answer([ids[last]], [ids[last - 1] ?? 0]);
    },
    async step(ids, states) {
      return answer(ids, states.before.data);
    },
  };
}

testWithVectors("a table is decoded as in Python, with every option", async (context) => {
  const file = jsonOf("decoding.json");
  const model = tableModel(file);
  let compared = 0;
  for (const { prompt, end_id: endId, never, options: given, answers } of file.cases) {
    const options = generationOptions(inCamelCase(given), OFF);
    const vocabularySize = file.vocabulary_size;
    const rules = new Rules({ vocabularySize, never, endId, prompt, ...restrictions(options) });
    const found =
      options.beam > 1
        ? await beamSearch(model, { prompt, rules, width: options.beam, ...options })
        : await drawn(model, prompt, rules, options, answers.length);
    const what = JSON.stringify({ prompt, endId, given });
    assert.deepEqual(
      found.map(({ ids, ended }) => ({ ids, ended })),
      answers.map((/** @type {any} */ answer) => ({ ids: answer.ids, ended: answer.ended })),
      what,
    );
    found.forEach((answer, place) => {
      near(answer.logProbability, answers[place].log_probability, what);
      near(answer.score, answers[place].score ?? answers[place].log_probability, what);
      compared += 1;
    });
  }
  assert.ok(compared > 200);
  context.diagnostic(`${compared} answers of ${file.cases.length} cases compared`);
});

/** @param {import("../src/decoding/generation_options.js").CheckedGenerationOptions} options */
function restrictions({ minLength, noRepeatNgram, repetitionPenalty }) {
  return { minLength, noRepeatNgram, repetitionPenalty };
}

/**
 * @param {import("../src/decoding/language_model.js").LanguageModel} model
 * @param {number[]} prompt
 * @param {Rules} rules
 * @param {import("../src/decoding/generation_options.js").CheckedGenerationOptions} options
 * @param {number} samples
 */
async function drawn(model, prompt, rules, options, samples) {
  const found = [];
  for (let number = 0; number < samples; number += 1) {
    const choose = drawing(options, options.seed ?? 0, number);
    const ids = [];
    let logProbability = 0;
    /** @type {string} */
    let ended = "";
    for await (const item of sample(model, { prompt, rules, choose, length: options.length })) {
      logProbability += item.logProbability;
      ended = item.ended ?? "";
      if (item.ended !== "end mark") {
        ids.push(item.id);
      }
    }
    found.push({ ids, logProbability, score: logProbability, ended });
  }
  return found;
}

/**
 * @param {number} found
 * @param {number} wanted
 * @param {string} what
 */
function near(found, wanted, what) {
  assert.ok(Math.abs(found - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted)), what);
}
