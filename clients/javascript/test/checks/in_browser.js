import { loadBundle } from "../../src/index.js";
import { onnxRuntime } from "../../src/onnx_runtime.js";
import { fromUrl } from "../../src/readers.js";
import { compareBeams, compareGolden } from "./bundles.js";
import { compareIds, compareTexts, readerOf } from "./tokenizing.js";

const ORT = "/client/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";

/**
 * Compares a bundle with its golden rows and, where there are any, its beam searches.
 *
 * @param {string} name of the bundle
 */
export async function checkBundle(name) {
  const ort = await import(ORT);
  const folder = `/vectors/bundles/${name}`;
  const bundle = await loadBundle(fromUrl(folder), onnxRuntime(ort));
  const lines = (await (await fetch(`${folder}/golden.jsonl`)).text()).trim().split("\n");
  const golden = await compareGolden(
    bundle,
    lines.map((line) => JSON.parse(line)),
  );
  const beams = await compareBeams(bundle, (await json("/vectors/beam.json"))[name] ?? []);
  await bundle.close();
  return { golden, beams };
}

/**
 * Compares the ids of the first random strings, and the texts of random ids.
 *
 * @param {string} name of the tokenizer
 * @param {number} count of the strings
 */
export async function checkTokenizer(name, count) {
  const folder = `/vectors/fuzz/${name}`;
  const spec = await json(`${folder}/spec.json`);
  const tokenizer = readerOf(await json(`${folder}/tokenizer.json`), spec);
  const strings = (await json("/vectors/fuzz/strings.json")).slice(0, count);
  const ids = new Int32Array(await (await fetch(`${folder}/ids.bin`)).arrayBuffer());
  const encoded = compareIds(tokenizer, strings, ids);
  if (spec.reader !== "generation" || !("decode" in tokenizer)) {
    return { encoded, decoded: { compared: 0, problems: [] } };
  }
  return { encoded, decoded: compareTexts(tokenizer, await json(`${folder}/decode.json`)) };
}

/**
 * The sentence with which a bundle is refused.
 *
 * @param {string} folder where there is none
 */
export async function refusal(folder) {
  try {
    await loadBundle(fromUrl(folder), onnxRuntime(await import(ORT)));
    return "it was not refused";
  } catch (error) {
    return String(error);
  }
}

/** @param {string} address */
async function json(address) {
  return (await fetch(address)).json();
}
