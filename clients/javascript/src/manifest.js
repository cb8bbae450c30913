import { BundleError } from "./errors.js";

/** The newest version of manifest.json that this client reads. */
export const FORMAT_VERSION = 2;

/** The tasks that this client runs. */
export const TASKS = /** @type {const} */ (["sentiment", "generation", "translation"]);

/**
 * A function of a model file.
 *
 * @typedef {object} Signature
 * @property {string} file
 */

/**
 * What the manifests of all tasks have.
 *
 * @typedef {object} Common
 * @property {number} format_version
 * @property {string} toolkit_version
 * @property {string} format such as "onnx"
 * @property {Record<string, Signature>} signatures
 * @property {Record<string, string>} sha256 the checksum of each other file, in hexadecimal
 */

/**
 * @typedef {Common & {
 *   task: "sentiment",
 *   labels: string[],
 *   tokenizer: {file: string, unknown_id: number, maximum_length: number, head_length: number},
 * }} ClassifierManifest
 */

/**
 * @typedef {"char" | "subword" | "word" | "whitespace"} TokenizerKind
 */

/**
 * @typedef {Common & {
 *   task: "generation",
 *   documents: boolean,
 *   vocabulary_size: number,
 *   tokenizer: {
 *     file: string, kind: TokenizerKind, unknown_id: number, begin_id: number, end_id: number,
 *     conditions: Record<string, number>,
 *   },
 *   states: {input: string, output: string}[],
 *   prompt: {before: number[], empty: number[]},
 *   decoding: {
 *     length: number, temperature: number, top_k: number, top_p: number, min_p: number,
 *     typical: number, repetition_penalty: number, no_repeat_ngram: number,
 *   },
 *   stop: {end_id: number | null, never: number[]},
 * }} LanguageModelManifest
 */

/**
 * @typedef {Common & {
 *   task: "translation",
 *   vocabulary_size: number,
 *   shared_vocabulary: boolean,
 *   tokenizer: {
 *     file: string, kind: TokenizerKind, unknown_id: number, begin_id: number, end_id: number,
 *   },
 *   source_tokenizer: {file: string, unknown_id: number, maximum_length: number},
 *   states: {input: string, output: string}[],
 *   passed_on: string[],
 *   decoding: {
 *     beam: number, length_penalty: number, coverage_penalty: number, length_ratio: number,
 *     extra_length: number, maximum_length: number,
 *   },
 *   never: number[],
 * }} TranslationManifest
 */

/**
 * @typedef {ClassifierManifest | LanguageModelManifest | TranslationManifest} Manifest
 */

/**
 * Reads manifest.json.
 *
 * @param {Uint8Array} bytes the content of the file
 * @returns {Manifest}
 * @throws {BundleError} it is damaged, of another version, or of an unknown task
 */
export function readManifest(bytes) {
  const manifest = parseJson(bytes, "manifest.json");
  const { format_version: version, task } = manifest;
  if (typeof version !== "number" || typeof task !== "string") {
    throw new BundleError(
      "manifest.json names no format version and task; export the model again.",
    );
  }
  if (version > FORMAT_VERSION) {
    throw new BundleError(
      `manifest.json has format version ${version} and this client reads version ` +
        `${FORMAT_VERSION}; take a newer client.`,
    );
  }
  if (version < FORMAT_VERSION) {
    throw new BundleError(
      `manifest.json has format version ${version} and this client reads version ` +
        `${FORMAT_VERSION}; export the model again.`,
    );
  }
  if (!TASKS.some((known) => known === task)) {
    throw new BundleError(
      `manifest.json has the task "${task}" and this client runs ${TASKS.join(", ")}; ` +
        "take a newer client.",
    );
  }
  return manifest;
}

/**
 * Reads a JSON file.
 *
 * @param {Uint8Array} bytes UTF-8
 * @param {string} name of the file, for the error
 * @returns {any} the object that it holds
 * @throws {BundleError} it holds none
 */
export function parseJson(bytes, name) {
  let found;
  try {
    found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    found = null;
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) {
    throw new BundleError(`${name} is not a JSON object; export the model again.`);
  }
  return found;
}
