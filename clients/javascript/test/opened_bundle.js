import * as ort from "onnxruntime-web";

import { loadBundle } from "../src/index.js";
import { fromDirectory } from "../src/node_reader.js";
import { onnxRuntime } from "../src/onnx_runtime.js";
import { pathOf } from "./vectors.js";

/**
 * A bundle of the vectors, opened in Node.
 *
 * @param {string} name such as "generation-char"
 */
export function openedBundle(name) {
  return loadBundle(fromDirectory(pathOf("bundles", name)), onnxRuntime(ort));
}
