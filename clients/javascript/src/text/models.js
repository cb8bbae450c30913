import { BundleError } from "../errors.js";
import { BytePairEncoding } from "./byte_pair_encoding.js";
import { unknownPart } from "./unknown_part.js";

/**
 * Gives the ids of a piece of text, appended to a list.
 *
 * @typedef {object} TokenModel
 * @property {(piece: string, ids: number[]) => void} append
 */

const KNOWN = "WordLevel, WordPiece and BPE";

/**
 * Makes the model that tokenizer.json describes.
 *
 * @param {any} description
 * @param {ReadonlyMap<string, number>} vocabulary ids by token
 * @returns {TokenModel}
 * @throws {BundleError} it is of an unknown type
 */
export function makeModel(description, vocabulary) {
  switch (description.type) {
    case "WordLevel":
      return new WordLevel(vocabulary, unknownId(description, vocabulary));
    case "WordPiece":
      return new WordPiece(description, vocabulary, unknownId(description, vocabulary));
    case "BPE":
      return new BytePairEncoding(description, vocabulary);
    default:
      throw unknownPart("model", description.type, KNOWN);
  }
}

/**
 * @param {{type: string, unk_token: string}} description
 * @param {ReadonlyMap<string, number>} vocabulary
 */
function unknownId({ type, unk_token: token }, vocabulary) {
  const found = vocabulary.get(token);
  if (found === undefined) {
    throw new BundleError(
      `tokenizer.json has the model ${type}, whose unknown token "${token}" is not in its ` +
        "vocabulary; export the model again.",
    );
  }
  return found;
}

/** A piece is a token, or unknown. */
class WordLevel {
  /**
   * @param {ReadonlyMap<string, number>} vocabulary
   * @param {number} unknown
   */
  constructor(vocabulary, unknown) {
    this.vocabulary = vocabulary;
    this.unknown = unknown;
  }

  /**
   * @param {string} piece
   * @param {number[]} ids
   */
  append(piece, ids) {
    ids.push(this.vocabulary.get(piece) ?? this.unknown);
  }
}

/** A piece is cut into the longest tokens, from its beginning; where that fails it is unknown. */
class WordPiece {
  /**
   * @param {{continuing_subword_prefix: string, max_input_chars_per_word: number}} description
   * @param {ReadonlyMap<string, number>} vocabulary
   * @param {number} unknown
   */
  constructor(description, vocabulary, unknown) {
    this.unknown = unknown;
    this.longestWord = description.max_input_chars_per_word;
    /** @type {Map<string, number>} */
    this.continuing = new Map();
    this.first = vocabulary;
    this.longestToken = 0;
    const prefix = description.continuing_subword_prefix;
    for (const [token, id] of vocabulary) {
      this.longestToken = Math.max(this.longestToken, token.length);
      if (token.startsWith(prefix)) {
        this.continuing.set(token.slice(prefix.length), id);
      }
    }
  }

  /**
   * @param {string} piece
   * @param {number[]} ids
   */
  append(piece, ids) {
    const before = ids.length;
    if (longerThan(piece, this.longestWord) || !this.appendTokens(piece, ids)) {
      ids.length = before;
      ids.push(this.unknown);
    }
  }

  /**
   * @param {string} piece
   * @param {number[]} ids
   * @returns {boolean} whether the whole piece could be cut
   */
  appendTokens(piece, ids) {
    for (let start = 0; start < piece.length; ) {
      const tokens = start === 0 ? this.first : this.continuing;
      let end = Math.min(piece.length, start + this.longestToken);
      let id = tokens.get(piece.slice(start, end));
      // Half a surrogate pair is in no vocabulary, so that UTF-16 units will do.
      while (id === undefined && end > start + 1) {
        end -= 1;
        id = tokens.get(piece.slice(start, end));
      }
      if (id === undefined) {
        return false;
      }
      ids.push(id);
      start = end;
    }
    return true;
  }
}

/**
 * Whether a text has more code points than a limit.
 *
 * @param {string} text
 * @param {number} limit
 */
function longerThan(text, limit) {
  if (text.length <= limit || text.length > 2 * limit) {
    return text.length > limit;
  }
  return [...text].length > limit;
}
