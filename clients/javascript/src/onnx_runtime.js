import { BundleError } from "./errors.js";

/**
 * An opened model: its signatures, called by name.
 *
 * @typedef {object} Model
 * @property {(signature: string, inputs: import("./tensors.js").Tensors) =>
 *   Promise<import("./tensors.js").Tensors>} run calls a signature with all its input tensors
 * @property {() => Promise<void>} close releases what the model holds
 */

/**
 * Opens models of one format. To run another engine, write an object like this one.
 *
 * @typedef {object} Runtime
 * @property {string} format the `format` of the manifest that it runs
 * @property {(files: Record<string, Uint8Array>) => Promise<Model>} open from the content of
 *   the file of each signature
 */

/**
 * What this file uses of the module onnxruntime-web; onnxruntime-node has the same.
 *
 * @typedef {object} OnnxRuntime
 * @property {{create(model: Uint8Array, options?: object): Promise<Session>}} InferenceSession
 * @property {new (dtype: any, data: any, shape: readonly number[]) => any} Tensor
 * @property {any} env
 */

/**
 * @typedef {object} Session
 * @property {(inputs: any) => Promise<any>} run
 * @property {() => Promise<void>} release
 */

/**
 * Runs ONNX bundles with ONNX Runtime, on one thread, which is fastest for single texts.
 *
 * @param {OnnxRuntime} ort the module: `import * as ort from "onnxruntime-web/wasm"`
 * @returns {Runtime}
 */
export function onnxRuntime(ort) {
  if (ort.env?.wasm) {
    ort.env.wasm.numThreads = 1; // more need a page with special headers
  }
  return {
    format: "onnx",
    async open(files) {
      /** @type {Record<string, Session>} */
      const sessions = {};
      for (const [signature, bytes] of Object.entries(files)) {
        sessions[signature] = await openSession(ort, signature, bytes);
      }
      return onnxModel(ort, sessions);
    },
  };
}

/**
 * @param {OnnxRuntime} ort
 * @param {string} signature
 * @param {Uint8Array} bytes
 * @returns {Promise<Session>}
 */
async function openSession(ort, signature, bytes) {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 };
  try {
    return await ort.InferenceSession.create(bytes, options);
  } catch (error) {
    throw new BundleError(`ONNX Runtime cannot open the model of "${signature}": ${error}`);
  }
}

/**
 * @param {OnnxRuntime} ort
 * @param {Record<string, Session>} sessions
 * @returns {Model}
 */
function onnxModel(ort, sessions) {
  // A session answers one call at a time; two streams on one page must wait for each other.
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return {
    run(signature, inputs) {
      const found = last.then(() => runSession(ort, sessions[signature], inputs));
      last = found.catch(() => {});
      return found;
    },
    async close() {
      await last;
      const open = Object.values(sessions);
      Object.keys(sessions).forEach((name) => delete sessions[name]);
      await Promise.all(open.map((session) => session.release()));
    },
  };
}

/**
 * @param {OnnxRuntime} ort
 * @param {Session | undefined} session
 * @param {import("./tensors.js").Tensors} inputs
 * @returns {Promise<import("./tensors.js").Tensors>}
 */
async function runSession(ort, session, inputs) {
  if (session === undefined) {
    throw new BundleError("The model was closed, or has no such signature; open the bundle again.");
  }
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape, data }]) => [
      name,
      new ort.Tensor(dtype, data, shape),
    ]),
  );
  const outputs = await session.run(feeds);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { type, dims, data }]) => [
      name,
      { dtype: type, shape: dims, data },
    ]),
  );
}
