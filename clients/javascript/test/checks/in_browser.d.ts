/**
 * Compares a bundle with its golden rows and, where there are any, its beam searches.
 *
 * @param {string} name of the bundle
 */
export declare function checkBundle(name: string): Promise<{
    golden: import("./tokenizing.js").Findings & {
        largest: number;
    };
    beams: import("./tokenizing.js").Findings;
}>;
/**
 * Compares the ids of the first random strings, and the texts of random ids.
 *
 * @param {string} name of the tokenizer
 * @param {number} count of the strings
 */
export declare function checkTokenizer(name: string, count: number): Promise<{
    encoded: import("./tokenizing.js").Findings;
    decoded: import("./tokenizing.js").Findings;
}>;
/**
 * The sentence with which a bundle is refused.
 *
 * @param {string} folder where there is none
 */
export declare function refusal(folder: string): Promise<string>;
