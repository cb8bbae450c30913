import assert from "node:assert/strict";
import { test } from "node:test";

import { GrowingText } from "../src/decoding/growing_text.js";
import { openedBundle } from "./opened_bundle.js";
import { testWithVectors } from "./vectors.js";

const OPTIONS = { length: 30, temperature: 0.8, topK: 0, seed: 5 };

/** @param {string} name */
async function generator(name) {
  const bundle = await openedBundle(name);
  assert.equal(bundle.task, "generation");
  return /** @type {import("../src/index.js").TextGenerator} */ (bundle);
}

/**
 * @param {import("../src/index.js").TextGenerator} bundle
 * @param {import("../src/decoding/generation_options.js").GenerationOptions} options
 */
async function streamed(bundle, options) {
  const pieces = [];
  for await (const piece of bundle.stream("The sea", options)) {
    pieces.push(piece);
  }
  return pieces;
}

testWithVectors("a stop string ends a text wherever it lies, and is cut off", async () => {
  for (const name of ["generation-char", "generation-subword", "generation-whitespace"]) {
    const bundle = await generator(name);
    const whole = (await bundle.generate("The sea", OPTIONS)).text;
    const characters = [...whole];
    for (const place of [0, 3, 7]) {
      const stop = characters.slice(place, place + 3).join("");
      const options = { ...OPTIONS, stop: [stop, "never there"] };
      const found = await bundle.generate("The sea", options);
      assert.equal(found.text, whole.slice(0, whole.indexOf(stop)), `${name}: ${stop}`);
      assert.equal(found.ended, "stop string");
      assert.equal((await streamed(bundle, options)).join(""), found.text);
    }
    await bundle.close();
  }
});

testWithVectors("a beam search ends at stop strings too, and streams its best text", async () => {
  const bundle = await generator("generation-char");
  const plain = await bundle.generate("The sea", { beam: 3, length: 12 });
  const stop = [...plain.text].slice(2, 3).join("");
  const options = { beam: 3, length: 12, stop };
  const found = await bundle.generate("The sea", options);
  assert.equal(found.ended, "stop string");
  assert.ok(found.score > plain.score && !found.text.includes(stop));
  assert.deepEqual(await streamed(bundle, options), [found.text].filter(Boolean));
  assert.equal(found.seed, null);
  await bundle.close();
});

testWithVectors(
  "a seed gives the same text again; its samples and other seeds differ",
  async () => {
    const bundle = await generator("generation-char");
    const first = await bundle.generate("The sea", { ...OPTIONS, seed: undefined });
    assert.equal(typeof first.seed, "number");
    const again = await bundle.generate("The sea", { ...OPTIONS, seed: first.seed ?? -1 });
    assert.deepEqual(again, first);
    const second = await bundle.generate("The sea", {
      ...OPTIONS,
      seed: first.seed ?? -1,
      sampleNumber: 1,
    });
    assert.notEqual(second.text, first.text);
    await bundle.close();
  },
);

testWithVectors("a condition takes the place of the first label", async () => {
  const bundle = await generator("generation-word");
  const { before } = bundle.manifest.prompt;
  const { happy, sad } = bundle.manifest.tokenizer.conditions;
  assert.deepEqual(bundle.context("", null), [...before]);
  assert.equal(before[before.length - 1], happy);
  assert.deepEqual(bundle.context("", "sad"), [...before.slice(0, -1), sad]);
  await bundle.close();
});

testWithVectors("calls made at once wait for each other", async () => {
  const bundle = await generator("generation-char");
  const alone = await bundle.generate("a", OPTIONS);
  const prompts = ["a", "b", "a"];
  const found = await Promise.all(prompts.map((prompt) => bundle.generate(prompt, OPTIONS)));
  assert.equal(found[0].text, alone.text);
  assert.equal(found[2].text, alone.text);
  await bundle.close();
});

test("what may become a stop string is held back until that is sure", () => {
  const letters = ["", "a", "b", "c", "-"];
  const text = new GrowingText((ids) => ids.map((id) => letters[id]).join(""), ["bc"]);
  /** @param {number} id */
  const given = (id) => {
    text.add(id);
    return text.news();
  };
  assert.deepEqual([1, 2, 2, 1, 2].map(given), ["a", "", "b", "ba", ""]);
  text.finish();
  assert.equal(text.news(true), "b");
  assert.equal(text.text, "abbab");
});

test("half a character waits for the rest, and is dropped at the end", () => {
  const bytes = new TextEncoder().encode("é😀");
  const decode = (/** @type {readonly number[]} */ ids) =>
    new TextDecoder().decode(Uint8Array.from(ids));
  const text = new GrowingText(decode);
  const pieces = [...bytes, bytes[2], bytes[3]].map((byte) => {
    text.add(byte);
    return text.news();
  });
  assert.deepEqual(pieces, ["", "é", "", "", "", "😀", "", ""]);
  text.finish();
  assert.equal(text.news(true), "");
  assert.equal(text.text, "é😀");
});
