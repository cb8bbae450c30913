import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { BundleError } from "./errors.js";

/**
 * Reads the files of a bundle from a folder; for Node only.
 *
 * @param {string} folder what `rnn-toolkit export --format onnx` wrote
 * @returns {import("./readers.js").Reader}
 */
export function fromDirectory(folder) {
  return async (name) => {
    const path = join(folder, name);
    try {
      return await readFile(path);
    } catch {
      throw new BundleError(`${path} cannot be read; give the folder of a whole bundle.`);
    }
  };
}
