import { ClassifierTokenizer } from "../../src/text/classifier_tokenizer.js";
import { GenerationTokenizer } from "../../src/text/generation_tokenizer.js";
export type Findings = {
    /**
     * how many answers
     */
    compared: number;
    /**
     * what is wrong, at most a few
     */
    problems: string[];
};
/**
 * The reader that a folder of fuzz/ describes.
 *
 * @param {any} description the content of tokenizer.json
 * @param {any} spec the content of spec.json
 */
export declare function readerOf(description: any, spec: any): ClassifierTokenizer | GenerationTokenizer;
/**
 * Compares the ids of strings with those of Python.
 *
 * @param {{encode: (text: string) => readonly number[]}} tokenizer
 * @param {readonly string[]} strings
 * @param {Int32Array} expected for each string the number of its ids, then the ids
 * @returns {Findings}
 */
export declare function compareIds(tokenizer: {
    encode: (text: string) => readonly number[];
}, strings: readonly string[], expected: Int32Array): Findings;
/**
 * Compares the texts of ids with those of Python.
 *
 * @param {GenerationTokenizer} tokenizer
 * @param {readonly {ids: number[], text: string}[]} cases
 * @returns {Findings}
 */
export declare function compareTexts(tokenizer: GenerationTokenizer, cases: readonly {
    ids: number[];
    text: string;
}[]): Findings;
