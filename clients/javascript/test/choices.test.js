import assert from "node:assert/strict";
import { test } from "node:test";

import { filtered } from "../src/decoding/filters.js";
import { passedAt } from "../src/decoding/sampling.js";
import { searchTranslation } from "../src/decoding/translation_search.js";
import { BundleError } from "../src/index.js";
import { onnxRuntime } from "../src/onnx_runtime.js";
import { int32Tensor } from "../src/tensors.js";

const OFF = { temperature: 1, topK: 0, topP: 1, minP: 0, typical: 1 };

/**
 * The ids that filters leave.
 *
 * @param {readonly number[]} probabilities
 * @param {Partial<import("../src/decoding/filters.js").Filters>} filters
 */
function left(probabilities, filters) {
  const found = filtered(Float64Array.from(probabilities, Math.log), { ...OFF, ...filters });
  return [...found.keys()].filter((id) => found[id] > -Infinity);
}

test("a set that reaches its mass but for rounding has reached it", () => {
  const equal = new Array(10).fill(0.1); // seven of them sum to a little less than 0.7
  assert.deepEqual(left(equal, { topP: 0.7 }), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(left(equal, { typical: 0.7 }), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(left([0.25, 0.5, 0.25], { topP: 0.75 }), [0, 1]);
  assert.deepEqual(left([0.1, 0.5, 0.4], { minP: 0.2 }), [0, 1, 2]);
});

test("what is impossible is never drawn, at either end", () => {
  const probabilities = Float64Array.from([0, 0.5, 0.5, 0]);
  assert.equal(passedAt(probabilities, 0), 1);
  assert.equal(passedAt(probabilities, 0.5), 2);
  assert.equal(passedAt(probabilities, 1), 2); // as where rounding lifts a number to the end
});

test("end marks that are behind do not end a search", async () => {
  // Ids: 0 begin, 1 end, 2 and 3 words; the end is second at two positions, then nearly sure.
  const rows = [
    [0, 0.3, 0.6, 0.1],
    [0, 0.3, 0.6, 0.1],
    [0, 0.98, 0.01, 0.01],
  ];
  let position = 0;
  const decoder = {
    /** @param {readonly number[]} ids */
    async step(ids) {
      const row = rows[position++].map(Math.log);
      const data = Float32Array.from(ids.flatMap(() => row));
      /** @type {import("../src/tensors.js").Tensor} */
      const logits = { dtype: "float32", shape: [ids.length, 4], data };
      return { logits, attention: int32Tensor(ids, [ids.length, 1]) };
    },
  };
  const options = { beam: 2, nBest: 1, lengthPenalty: 1, coveragePenalty: 0, minLength: 0 };
  const [found] = await searchTranslation(
    decoder,
    { beginId: 0, endId: 1, never: [0] },
    { ...options, noRepeatNgram: 0, bound: 10 },
  );
  assert.deepEqual(found.ids, [2, 2]);
  assert.equal(position, 3);
  const logProbability = Math.log(0.6 * 0.6 * 0.98);
  assert.ok(Math.abs(found.logProbability - logProbability) < 1e-6);
  assert.ok(Math.abs(found.score - logProbability / (8 / 6)) < 1e-6);
});

test("a network that answers nonsense is refused", async () => {
  const logits = { dtype: "float32", shape: [1, 4], data: new Float32Array(4).fill(NaN) };
  const decoder = { step: async () => /** @type {any} */ ({ logits, attention: logits }) };
  const options = { beam: 1, nBest: 1, lengthPenalty: 1, coveragePenalty: 0, minLength: 0 };
  const search = searchTranslation(
    decoder,
    { beginId: 0, endId: 1, never: [] },
    { ...options, noRepeatNgram: 0, bound: 3 },
  );
  await assert.rejects(search, BundleError);
});

test("a session gets one call at a time, and is released after the last", async () => {
  let busy = false;
  /** @type {string[]} */
  const events = [];
  const session = {
    async run() {
      assert.ok(!busy, "the session is at work");
      busy = true;
      await new Promise((resolve) => setTimeout(resolve, 1));
      busy = false;
      events.push("run");
      return { out: { type: "int32", dims: [1], data: Int32Array.of(7) } };
    },
    async release() {
      events.push("released");
    },
  };
  class Tensor {}
  const ort = { InferenceSession: { create: async () => session }, Tensor, env: {} };
  const model = await onnxRuntime(ort).open({ predict: new Uint8Array(0) });
  const calls = [1, 2].map((id) => model.run("predict", { ids: int32Tensor([id]) }));
  const missing = assert.rejects(model.run("other", {}), BundleError);
  const closed = model.close();
  assert.deepEqual((await Promise.all(calls))[1].out.data, Int32Array.of(7));
  await Promise.all([missing, closed]);
  assert.deepEqual(events, ["run", "run", "released"]);
  await assert.rejects(model.run("predict", {}), BundleError);
});
