import { openModel, readJson } from "../bundle_files.js";
import { placeOfLargest } from "../decoding/log_softmax.js";
import { OptionError } from "../errors.js";
import { int32Tensor, named, rowOf } from "../tensors.js";
import { ClassifierTokenizer } from "../text/classifier_tokenizer.js";

/**
 * The answer for one text.
 *
 * @typedef {object} Prediction
 * @property {string} label the likeliest
 * @property {number} probability of that label
 * @property {Record<string, number>} probabilities of every label
 */

/** A bundle of the task "sentiment": a text to labels with probabilities. */
export class Classifier {
  /** @type {"sentiment"} */
  task = "sentiment";

  /**
   * @param {import("../manifest.js").ClassifierManifest} manifest
   * @param {ClassifierTokenizer} tokenizer
   * @param {import("../onnx_runtime.js").Model} model
   */
  constructor(manifest, tokenizer, model) {
    this.manifest = manifest;
    this.tokenizer = tokenizer;
    this.model = model;
  }

  /**
   * Opens a bundle; `loadBundle` calls it.
   *
   * @param {import("../readers.js").Reader} reader
   * @param {import("../onnx_runtime.js").Runtime} runtime
   * @param {import("../manifest.js").ClassifierManifest} manifest
   * @throws {import("../errors.js").BundleError} a file is missing or damaged
   */
  static async open(reader, runtime, manifest) {
    const { file, maximum_length, head_length, unknown_id } = manifest.tokenizer;
    const tokenizer = new ClassifierTokenizer(await readJson(reader, manifest, file), {
      maximumLength: maximum_length,
      headLength: head_length,
      unknownId: unknown_id,
    });
    const model = await openModel(reader, runtime, manifest, ["predict"]);
    return new Classifier(manifest, tokenizer, model);
  }

  /**
   * The label of a text.
   *
   * @param {string} text any string, an empty one included
   * @returns {Promise<Prediction>}
   * @throws {OptionError} it is not a string
   */
  async predict(text) {
    if (typeof text !== "string") {
      throw new OptionError(`predict needs a string, not ${typeof text}.`);
    }
    const probabilities = await this.probabilitiesOfIds(this.tokenizer.encode(text));
    const { labels } = this.manifest;
    const best = placeOfLargest(probabilities);
    return {
      label: labels[best],
      probability: probabilities[best],
      probabilities: Object.fromEntries(
        labels.map((label, place) => [label, probabilities[place]]),
      ),
    };
  }

  /**
   * The probabilities of ids, in the order of the manifest's labels.
   *
   * @param {readonly number[]} ids at least one
   * @returns {Promise<ArrayLike<number>>} [labels]
   */
  async probabilitiesOfIds(ids) {
    const found = await this.model.run("predict", { ids: int32Tensor(ids, [1, ids.length]) });
    return rowOf(named(found, "probabilities"), 0);
  }

  /** Releases the model; the bundle cannot be used afterwards. */
  async close() {
    await this.model.close();
  }
}
