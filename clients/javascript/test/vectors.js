import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

/** The folder that tests/clients/vectors.py wrote. */
const FOLDER = process.env.RNN_TOOLKIT_VECTORS ?? "";

/**
 * A test that needs the vectors; without them it is skipped, or fails where CI is set.
 *
 * @param {string} name
 * @param {(context: import("node:test").TestContext) => void | Promise<void>} body
 */
export function testWithVectors(name, body) {
  const skip =
    FOLDER || process.env.CI ? false : "RNN_TOOLKIT_VECTORS names no folder made by vectors.py";
  test(name, { skip }, body);
}

/**
 * The path of something in the folder.
 *
 * @param {...string} names
 */
export function pathOf(...names) {
  if (!FOLDER) {
    throw new Error("Set RNN_TOOLKIT_VECTORS to a folder made by tests/clients/vectors.py.");
  }
  return join(FOLDER, ...names);
}

/**
 * The content of a JSON file of the folder.
 *
 * @param {...string} names
 * @returns {any}
 */
export function jsonOf(...names) {
  return JSON.parse(readFileSync(pathOf(...names), "utf-8"));
}

/**
 * The whole numbers of a file of the folder.
 *
 * @param {...string} names
 */
export function numbersOf(...names) {
  const bytes = readFileSync(pathOf(...names));
  return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/**
 * The names of the folders in a folder.
 *
 * @param {string} name
 */
export function foldersIn(name) {
  return readdirSync(pathOf(name), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
