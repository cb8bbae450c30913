import { int32Tensor, named, takeRows } from "../tensors.js";

/**
 * Reads a source text with the signature `encode`, and gives what decodes it step by step.
 *
 * @param {import("../onnx_runtime.js").Model} model
 * @param {import("../manifest.js").TranslationManifest} manifest
 * @param {readonly number[]} ids of the source, at least one
 * @returns {Promise<import("../decoding/translation_search.js").Decoder>}
 */
export async function bundleDecoder(model, manifest, ids) {
  const source = {
    ids: int32Tensor(ids, [1, ids.length]),
    length: int32Tensor([ids.length]),
  };
  const encoded = await model.run("encode", source);
  const known = { ...encoded, length: source.length, source_ids: source.ids };
  let states = Object.fromEntries(
    manifest.states.map(({ input, output }) => [input, named(known, output)]),
  );
  // What never changes is the same in all rows: it is copied only when their number changes.
  let passedOn = Object.fromEntries(manifest.passed_on.map((name) => [name, named(known, name)]));
  let count = 1;
  return {
    async step(ids, rows) {
      if (rows.length !== count) {
        passedOn = chosen(
          passedOn,
          rows.map(() => 0),
        );
        count = rows.length;
      }
      const inputs = { id: int32Tensor(ids), ...passedOn, ...chosen(states, rows) };
      const found = await model.run("decode_step", inputs);
      states = Object.fromEntries(
        manifest.states.map(({ input, output }) => [input, named(found, output)]),
      );
      return { logits: named(found, "logits"), attention: named(found, "attention") };
    },
  };
}

/**
 * @param {import("../tensors.js").Tensors} tensors
 * @param {readonly number[]} rows
 */
function chosen(tensors, rows) {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, takeRows(tensor, rows)]),
  );
}
