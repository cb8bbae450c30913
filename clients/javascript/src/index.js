/**
 * Runs bundles of rnn-toolkit: sentiment, generation, translation.
 *
 * @module
 */

import { BundleError } from "./errors.js";
import { readManifest } from "./manifest.js";
import { Classifier } from "./tasks/classifier.js";
import { TextGenerator } from "./tasks/text_generator.js";
import { Translator } from "./tasks/translator.js";

export { BundleError, OptionError } from "./errors.js";
export { Classifier, TextGenerator, Translator };

/**
 * Opens a bundle.
 *
 * @param {import("./readers.js").Reader} reader gives the files: `fromUrl` or `fromDirectory`
 * @param {import("./onnx_runtime.js").Runtime} runtime runs the model: `onnxRuntime(ort)`
 * @returns {Promise<Classifier | TextGenerator | Translator>} by the task of the bundle, which
 *   `task` names; call `close` when it is no longer needed
 * @throws {BundleError} the bundle is damaged, incomplete, too new or of another format
 */
export async function loadBundle(reader, runtime) {
  const manifest = readManifest(await reader("manifest.json"));
  if (manifest.format !== runtime.format) {
    throw new BundleError(
      `This is a bundle of the format "${manifest.format}", and the runtime runs ` +
        `"${runtime.format}"; export with --format ${runtime.format}.`,
    );
  }
  switch (manifest.task) {
    case "sentiment":
      return Classifier.open(reader, runtime, manifest);
    case "generation":
      return TextGenerator.open(reader, runtime, manifest);
    case "translation":
      return Translator.open(reader, runtime, manifest);
  }
}
