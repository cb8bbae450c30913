/**
 * A test that needs the vectors; without them it is skipped, or fails where CI is set.
 *
 * @param {string} name
 * @param {(context: import("node:test").TestContext) => void | Promise<void>} body
 */
export declare function testWithVectors(name: string, body: (context: import("node:test").TestContext) => void | Promise<void>): void;
/**
 * The path of something in the folder.
 *
 * @param {...string} names
 */
export declare function pathOf(...names: string[]): string;
/**
 * The content of a JSON file of the folder.
 *
 * @param {...string} names
 * @returns {any}
 */
export declare function jsonOf(...names: string[]): any;
/**
 * The whole numbers of a file of the folder.
 *
 * @param {...string} names
 */
export declare function numbersOf(...names: string[]): Int32Array<ArrayBuffer>;
/**
 * The names of the folders in a folder.
 *
 * @param {string} name
 */
export declare function foldersIn(name: string): string[];
