/**
 * A bundle of the vectors, opened in Node.
 *
 * @param {string} name such as "generation-char"
 */
export declare function openedBundle(name: string): Promise<import("../src/index.js").Classifier | import("../src/index.js").TextGenerator | import("../src/index.js").Translator>;
