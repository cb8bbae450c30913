/**
 * What decoding knows of a language model.
 *
 * @typedef {object} LanguageModel
 * @property {number} vocabularySize number of logits
 * @property {(ids: readonly number[]) => Promise<Step>} prefill reads a whole prompt of at
 *   least one id; the answer has one row
 * @property {(ids: readonly number[], states: import("../tensors.js").Tensors) =>
 *   Promise<Step>} step reads one more id per row
 */

/**
 * What a model answers.
 *
 * @typedef {object} Step
 * @property {import("../tensors.js").Tensor} logits [rows, vocabulary], of the id that follows
 * @property {import("../tensors.js").Tensors} states what the model remembers, [rows, ...]
 */

/**
 * Why a text ended.
 *
 * @typedef {"end mark" | "stop string" | "length"} Ended
 */

export {};
