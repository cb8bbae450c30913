import { BundleError } from "./errors.js";
import { parseJson } from "./manifest.js";

/**
 * Opens the model files of a bundle.
 *
 * @param {import("./readers.js").Reader} reader
 * @param {import("./onnx_runtime.js").Runtime} runtime
 * @param {import("./manifest.js").Manifest} manifest
 * @param {readonly string[]} signatures what the task calls
 * @returns {Promise<import("./onnx_runtime.js").Model>}
 * @throws {BundleError} a file is missing or damaged
 */
export async function openModel(reader, runtime, manifest, signatures) {
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  for (const name of signatures) {
    const signature = manifest.signatures?.[name];
    if (signature === undefined) {
      throw new BundleError(`manifest.json has no signature "${name}"; export the model again.`);
    }
    files[name] = await readChecked(reader, manifest, signature.file);
  }
  return runtime.open(files);
}

/**
 * Reads a JSON file of a bundle, such as a tokenizer.
 *
 * @param {import("./readers.js").Reader} reader
 * @param {import("./manifest.js").Manifest} manifest
 * @param {string} name
 * @returns {Promise<any>} the object that it holds
 * @throws {BundleError} it is missing or damaged
 */
export async function readJson(reader, manifest, name) {
  return parseJson(await readChecked(reader, manifest, name), name);
}

/**
 * The content of a file, compared with its checksum: a browser may have kept an older file of
 * that name, with which the others give nonsense.
 *
 * @param {import("./readers.js").Reader} reader
 * @param {import("./manifest.js").Manifest} manifest
 * @param {string} name
 * @returns {Promise<Uint8Array>}
 */
async function readChecked(reader, manifest, name) {
  const bytes = await reader(name);
  const expected = manifest.sha256?.[name];
  const subtle = globalThis.crypto?.subtle; // absent where a page comes without https
  if (expected !== undefined && subtle) {
    const digest = new Uint8Array(await subtle.digest("SHA-256", new Uint8Array(bytes)));
    const found = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (found !== expected) {
      throw new BundleError(
        `${name} differs from its checksum in manifest.json; put all files of one export there.`,
      );
    }
  }
  return bytes;
}
