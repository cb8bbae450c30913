import assert from "node:assert/strict";
import * as ort from "onnxruntime-web";

import { BundleError, OptionError, loadBundle } from "../src/index.js";
import { fromDirectory } from "../src/node_reader.js";
import { onnxRuntime } from "../src/onnx_runtime.js";
import { openedBundle } from "./opened_bundle.js";
import { jsonOf, pathOf, testWithVectors } from "./vectors.js";

/**
 * @typedef {(content: any) => void} Change changes the content of a JSON file in place
 */

/**
 * Opens a bundle of which some files are others.
 *
 * @param {string} name
 * @param {Record<string, Change | string | null>} changes by file name: a change of its content,
 *   another content, or null where it is missing; checksums are left out
 */
function openChanged(name, changes) {
  const original = fromDirectory(pathOf("bundles", name));
  return loadBundle(async (file) => {
    const change = changes[file];
    if (change === null) {
      return original("no such file");
    }
    if (typeof change === "string") {
      return new TextEncoder().encode(change);
    }
    if (change === undefined && file !== "manifest.json") {
      return original(file);
    }
    const content = jsonOf("bundles", name, file);
    delete content.sha256;
    change?.(content);
    return new TextEncoder().encode(JSON.stringify(content));
  }, onnxRuntime(ort));
}

/**
 * Whether an action is refused with one sentence.
 *
 * @param {() => Promise<unknown>} action
 * @param {typeof BundleError | typeof OptionError} kind
 * @param {RegExp} words that the sentence must hold
 */
async function assertRefused(action, kind, words) {
  await assert.rejects(action, (/** @type {any} */ error) => {
    assert.ok(error instanceof kind, String(error.stack));
    assert.match(error.message, words);
    assert.match(error.message, /^[^\n]+\.$/, "one sentence on one line");
    return true;
  });
}

/** @type {[RegExp, Change | string | null][]} */
const MANIFESTS = [
  [/format version 3 .*newer client/, (manifest) => (manifest.format_version = 3)],
  [/format version 1 .*export the model again/, (manifest) => (manifest.format_version = 1)],
  [/task "forecast" .*newer client/, (manifest) => (manifest.task = "forecast")],
  [/names no format version and task/, (manifest) => delete manifest.task],
  [/format "tflite".*runs "onnx"/, (manifest) => (manifest.format = "tflite")],
  [/no signature "predict"/, (manifest) => (manifest.signatures = {})],
  [/manifest.json is not a JSON object/, "[1"],
  [/manifest.json is not a JSON object/, "[]"],
  [/cannot be read/, null],
];

testWithVectors("a bundle that is too new, damaged or incomplete is refused", async () => {
  for (const [words, change] of MANIFESTS) {
    const open = () => openChanged("sentiment-word", { "manifest.json": change });
    await assertRefused(open, BundleError, words);
  }
  for (const [name, file] of [
    ["sentiment-word", "model.onnx"],
    ["sentiment-word", "tokenizer.json"],
    ["generation-char", "step.onnx"],
    ["translation-char", "target_tokenizer.json"],
  ]) {
    await assertRefused(() => openChanged(name, { [file]: null }), BundleError, /cannot be read/);
  }
  const nonsense = () => openChanged("sentiment-word", { "model.onnx": "no model" });
  await assertRefused(nonsense, BundleError, /cannot open the model of "predict"/);
});

testWithVectors("a file that differs from its checksum is refused", async () => {
  const original = fromDirectory(pathOf("bundles", "sentiment-word"));
  const open = () =>
    loadBundle(async (file) => {
      const bytes = await original(file);
      return file === "tokenizer.json" ? bytes.subarray(0, bytes.length - 1) : bytes;
    }, onnxRuntime(ort));
  await assertRefused(open, BundleError, /tokenizer.json differs from its checksum/);
});

/** @type {[RegExp, Change][]} */
const TOKENIZERS = [
  [/normalizer BertNormalizer/, (it) => (it.normalizer = { type: "BertNormalizer" })],
  [/normalizer NFKC/, (it) => (it.normalizer.normalizers = [{ type: "NFKC" }])],
  [/pre-tokenizer Whitespace/, (it) => (it.pre_tokenizer = { type: "Whitespace" })],
  [/behaviour of a Split MergedWithNext/, (it) => (it.pre_tokenizer.behavior = "MergedWithNext")],
  [/expression \\w\+ .*holds \\w/, (it) => (it.pre_tokenizer.pattern.Regex = "\\w+")],
  [/pattern of a Split/, (it) => (it.pre_tokenizer.pattern = { String: "a" })],
  [/model Unigram/, (it) => (it.model.type = "Unigram")],
  [/unknown token "\[none\]"/, (it) => (it.model.unk_token = "[none]")],
  [/no model with a vocabulary/, (it) => delete it.model],
  [/added_tokens/, (it) => (it.added_tokens = [{ id: 0, content: "[PAD]" }])],
  [/post_processor BertProcessing/, (it) => (it.post_processor = { type: "BertProcessing" })],
  [/truncation/, (it) => (it.truncation = { max_length: 3 })],
  [/decoder Metaspace/, (it) => (it.decoder = { type: "Metaspace" })],
];
/** @type {[RegExp, Change][]} */
const BYTE_LEVEL_TOKENIZERS = [
  [/add_prefix_space/, (it) => (it.pre_tokenizer.pretokenizers[1].add_prefix_space = true)],
  [/BPE option byte_fallback/, (it) => (it.model.byte_fallback = true)],
  [/merges "never" and "seen"/, (it) => it.model.merges.push(["never", "seen"])],
  [/no ByteLevel decoder/, (it) => (it.decoder = null)],
];

testWithVectors("an unknown part of tokenizer.json is refused by its name", async () => {
  for (const [name, cases] of /** @type {const} */ ([
    ["sentiment-word", TOKENIZERS],
    ["generation-subword", BYTE_LEVEL_TOKENIZERS],
  ])) {
    for (const [words, change] of cases) {
      const open = () => openChanged(name, { "tokenizer.json": change });
      await assertRefused(open, BundleError, words);
    }
  }
});

/** @type {[RegExp, any][]} */
const GENERATION_OPTIONS = [
  [/no option "top_k"; choose from length/, { top_k: 3 }],
  [/length must be a whole number of at least 1, not 0/, { length: 0 }],
  [/temperature must be a number of at least 0, not -1/, { temperature: -1 }],
  [/temperature must be/, { temperature: "1" }],
  [/topP must be a number above 0 and at most 1, not 0/, { topP: 0 }],
  [/minLength must not exceed length, which is 2/, { length: 2, minLength: 3 }],
  [/nBest must not exceed beam, which is 1/, { nBest: 2 }],
  [/does not draw; leave out topK/, { beam: 2, topK: 3 }],
  [/lengthPenalty .*give beam too/, { lengthPenalty: 1 }],
  [/stop must be texts/, { stop: [""] }],
  [/no condition "angry"; choose from happy, sad/, { condition: "angry" }],
];
/** @type {[RegExp, any][]} */
const TRANSLATION_OPTIONS = [
  [/no option "temperature"/, { temperature: 1 }],
  [/lengthPenalty must be a number of at least 0 and at most 2/, { lengthPenalty: 3 }],
  [/nBest must not exceed beam, which is 2/, { beam: 2, nBest: 3 }],
  [/minLength must not exceed maximumLength/, { maximumLength: 2, minLength: 3 }],
];

testWithVectors("options out of range are refused with the range", async () => {
  const generator = /** @type {any} */ (await openedBundle("generation-word"));
  for (const [words, options] of GENERATION_OPTIONS) {
    await assertRefused(() => generator.generate("a", options), OptionError, words);
    await assertRefused(async () => generator.stream("a", options), OptionError, words);
  }
  await assertRefused(() => generator.generate(3), OptionError, /must be a string, not number/);
  await generator.close();
  const unconditional = /** @type {any} */ (await openedBundle("generation-char"));
  const steered = () => unconditional.generate("a", { condition: "sad" });
  await assertRefused(steered, OptionError, /trained without a condition/);
  await unconditional.close();
  const translator = /** @type {any} */ (await openedBundle("translation-word"));
  for (const [words, options] of TRANSLATION_OPTIONS) {
    await assertRefused(() => translator.translate("a", options), OptionError, words);
  }
  await assertRefused(() => translator.translate(null), OptionError, /needs a string/);
  await translator.close();
  await assertRefused(() => translator.translate("a"), BundleError, /was closed/);
  const classifier = /** @type {any} */ (await openedBundle("sentiment-word"));
  await assertRefused(() => classifier.predict(undefined), OptionError, /needs a string/);
  await classifier.close();
});
