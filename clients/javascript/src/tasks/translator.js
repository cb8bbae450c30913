import { openModel, readJson } from "../bundle_files.js";
import { bound, translationOptions } from "../decoding/translation_options.js";
import { searchTranslation } from "../decoding/translation_search.js";
import { OptionError } from "../errors.js";
import { SideTokenizers } from "../text/side_tokenizers.js";
import { bundleDecoder } from "./bundle_decoder.js";

/**
 * One translation of a text.
 *
 * @typedef {object} Candidate
 * @property {string} text
 * @property {readonly number[]} ids of the target, without the end mark
 * @property {number} score by which answers are ranked: the log-probability over the length
 *   penalty, plus the coverage penalty (Wu et al., 2016, equation 14)
 * @property {number} logProbability natural logarithm of the probability by the model itself,
 *   an end mark included
 * @property {"end mark" | "length"} ended "length" where the bound cut it off
 */

/**
 * The best translation, and all that were asked for, best first.
 *
 * @typedef {Candidate & {candidates: Candidate[], cut: boolean}} Translation `cut` tells whether
 *   the text was longer than the model reads, so that its end was left out
 */

/** A bundle of the task "translation": a text to its translations. */
export class Translator {
  /** @type {"translation"} */
  task = "translation";

  /**
   * @param {import("../manifest.js").TranslationManifest} manifest
   * @param {SideTokenizers} tokenizers
   * @param {import("../onnx_runtime.js").Model} model
   */
  constructor(manifest, tokenizers, model) {
    this.manifest = manifest;
    this.tokenizers = tokenizers;
    this.model = model;
  }

  /**
   * Opens a bundle; `loadBundle` calls it.
   *
   * @param {import("../readers.js").Reader} reader
   * @param {import("../onnx_runtime.js").Runtime} runtime
   * @param {import("../manifest.js").TranslationManifest} manifest
   * @throws {import("../errors.js").BundleError} a file is missing or damaged
   */
  static async open(reader, runtime, manifest) {
    const { source_tokenizer: source, tokenizer: target } = manifest;
    const tokenizers = new SideTokenizers(
      await readJson(reader, manifest, source.file),
      await readJson(reader, manifest, target.file),
      {
        kind: target.kind,
        shared: manifest.shared_vocabulary,
        maximumLength: source.maximum_length,
      },
    );
    const model = await openModel(reader, runtime, manifest, ["encode", "decode_step"]);
    return new Translator(manifest, tokenizers, model);
  }

  /**
   * Translates a text by beam search.
   *
   * @param {string} text any string; one that holds nothing has an empty translation
   * @param {import("../decoding/translation_options.js").TranslationOptions} [options]
   * @returns {Promise<Translation>}
   * @throws {OptionError} an option is unknown, out of range or contradicts another
   */
  async translate(text, options = {}) {
    if (typeof text !== "string") {
      throw new OptionError(`translate needs a string, not ${typeof text}.`);
    }
    const checked = translationOptions(options, this.manifest.decoding);
    const { ids, cut } = this.tokenizers.encodeSource(text);
    const candidates = ids.length > 0 ? await this.search(ids, checked) : [nothing()];
    return { ...candidates[0], candidates, cut };
  }

  /** Releases the model; the bundle cannot be used afterwards. */
  async close() {
    await this.model.close();
  }

  /**
   * @param {readonly number[]} ids of the source, at least one
   * @param {Required<import("../decoding/translation_options.js").TranslationOptions>} options
   * @returns {Promise<Candidate[]>}
   */
  async search(ids, options) {
    const { tokenizer, never } = this.manifest;
    const decoder = await bundleDecoder(this.model, this.manifest, ids);
    const targets = { beginId: tokenizer.begin_id, endId: tokenizer.end_id, never };
    const limits = { ...options, bound: bound(options, ids.length) };
    const found = await searchTranslation(decoder, targets, limits);
    return found.map((sequence) => ({
      text: this.tokenizers.decodeTarget(sequence.ids, sequence.ended === "end mark"),
      ...sequence,
    }));
  }
}

/** @returns {Candidate} the translation of a text that holds nothing */
function nothing() {
  return { text: "", ids: [], score: 0, logProbability: 0, ended: "end mark" };
}
