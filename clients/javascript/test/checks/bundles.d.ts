export type Bundle = import("../../src/index.js").Classifier | import("../../src/index.js").TextGenerator | import("../../src/index.js").Translator;
/**
 * Compares a bundle with its golden rows.
 *
 * @param {Bundle} bundle
 * @param {readonly any[]} rows of golden.jsonl
 * @returns {Promise<import("./tokenizing.js").Findings & {largest: number}>} `largest` is the
 *   largest difference of a probability, logit or attention weight
 */
export declare function compareGolden(bundle: Bundle, rows: readonly any[]): Promise<import("./tokenizing.js").Findings & {
    largest: number;
}>;
/**
 * Compares beam searches of a bundle with those of Python.
 *
 * @param {Bundle} bundle of generation or translation
 * @param {readonly any[]} cases of beam.json
 * @returns {Promise<import("./tokenizing.js").Findings>}
 */
export declare function compareBeams(bundle: Bundle, cases: readonly any[]): Promise<import("./tokenizing.js").Findings>;
/**
 * Options with names such as top_k as this client calls them.
 *
 * @param {Record<string, unknown>} options
 */
export declare function inCamelCase(options: Record<string, unknown>): {
    [k: string]: unknown;
};
