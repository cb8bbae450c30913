import { BundleError } from "./errors.js";

/**
 * Numbers with a shape, row after row.
 *
 * @typedef {object} Tensor
 * @property {"float32" | "int32"} dtype
 * @property {readonly number[]} shape the batch first
 * @property {Float32Array | Int32Array} data
 */

/**
 * Tensors by name.
 *
 * @typedef {Record<string, Tensor>} Tensors
 */

/**
 * A tensor of whole numbers.
 *
 * @param {ArrayLike<number>} values row after row
 * @param {readonly number[]} [shape] one row of all values unless given: [values]
 * @returns {Tensor}
 */
export function int32Tensor(values, shape = [values.length]) {
  return { dtype: "int32", shape, data: Int32Array.from(values) };
}

/**
 * Chosen rows of a tensor, in that order; a row may be chosen more than once.
 *
 * @param {Tensor} tensor [rows, ...]
 * @param {readonly number[]} rows
 * @returns {Tensor} [chosen rows, ...]
 */
export function takeRows(tensor, rows) {
  const size = tensor.data.length / tensor.shape[0];
  const length = rows.length * size;
  const data = tensor.dtype === "int32" ? new Int32Array(length) : new Float32Array(length);
  rows.forEach((row, place) => {
    data.set(tensor.data.subarray(row * size, (row + 1) * size), place * size);
  });
  return { dtype: tensor.dtype, shape: [rows.length, ...tensor.shape.slice(1)], data };
}

/**
 * One row of a tensor, without a copy.
 *
 * @param {Tensor} tensor [rows, ...]
 * @param {number} row
 * @returns {Float32Array | Int32Array}
 */
export function rowOf(tensor, row) {
  const size = tensor.data.length / tensor.shape[0];
  return tensor.data.subarray(row * size, (row + 1) * size);
}

/**
 * A tensor that a model must have given.
 *
 * @param {Tensors} tensors what it gave
 * @param {string} name
 * @returns {Tensor}
 * @throws {BundleError} it did not
 */
export function named(tensors, name) {
  const found = tensors[name];
  if (found === undefined) {
    throw new BundleError(
      `The model gives no tensor "${name}", so manifest and model do not fit; export it again.`,
    );
  }
  return found;
}
