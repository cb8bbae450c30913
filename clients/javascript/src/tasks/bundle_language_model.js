import { int32Tensor, named } from "../tensors.js";

/**
 * The signatures `prefill` and `step` of a bundle as decoding wants them.
 *
 * @param {import("../onnx_runtime.js").Model} model
 * @param {import("../manifest.js").LanguageModelManifest} manifest
 * @returns {import("../decoding/language_model.js").LanguageModel}
 */
export function bundleLanguageModel(model, manifest) {
  /** @param {import("../tensors.js").Tensors} found */
  const answer = (found) => ({
    logits: named(found, "logits"),
    states: Object.fromEntries(
      manifest.states.map(({ input, output }) => [input, named(found, output)]),
    ),
  });
  return {
    vocabularySize: manifest.vocabulary_size,
    async prefill(ids) {
      const inputs = { ids: int32Tensor(ids, [1, ids.length]), length: int32Tensor([ids.length]) };
      return answer(await model.run("prefill", inputs));
    },
    async step(ids, states) {
      return answer(await model.run("step", { ids: int32Tensor(ids), ...states }));
    },
  };
}
