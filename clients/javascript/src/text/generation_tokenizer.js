import { BundleError } from "../errors.js";
import { fromByteCharacters } from "./byte_level.js";
import { prepared } from "./plain_text.js";
import { TextToIds } from "./text_to_ids.js";

const FIRST_ORDINARY_ID = 4; // after padding, unknown, begin and end

/** Turns a text into ids and back. */
export class GenerationTokenizer {
  /**
   * @param {any} description the content of tokenizer.json
   * @param {object} specification
   * @param {import("../manifest.js").TokenizerKind} specification.kind how text is cut:
   *   "char" (code points), "subword" (byte-level pairs), "word" (words with the space before
   *   them) or "whitespace" (what spaces separate; a line end is a token)
   * @param {number} [specification.conditions] how many labels can steer a text; their ids
   *   come last
   * @throws {BundleError} tokenizer.json holds a part that this client does not read
   */
  constructor(description, { kind, conditions = 0 }) {
    this.textToIds = new TextToIds(description);
    this.kind = kind;
    this.firstCondition = this.tokens.length - conditions;
    if (kind === "subword" && !this.textToIds.byteLevel) {
      throw new BundleError("tokenizer.json of subwords has no ByteLevel decoder; export again.");
    }
  }

  /** The tokens in the order of their ids. */
  get tokens() {
    return this.textToIds.tokens;
  }

  /**
   * The ids of a text, without begin and end; none for an empty text.
   *
   * @param {string} text any string
   * @returns {number[]}
   */
  encode(text) {
    return this.textToIds.encode(prepared(text));
  }

  /**
   * The text that ids stand for; padding, unknown, begin, end and conditions give nothing.
   *
   * @param {readonly number[]} ids
   * @returns {string}
   */
  decode(ids) {
    const tokens = ids
      .filter((id) => id >= FIRST_ORDINARY_ID && id < this.firstCondition)
      .map((id) => this.tokens[id]);
    switch (this.kind) {
      case "subword":
        return fromByteCharacters(tokens);
      case "whitespace":
        return tokens.join(" ").replaceAll(" \n", "\n").replaceAll("\n ", "\n");
      default:
        return tokens.join("");
    }
  }
}
