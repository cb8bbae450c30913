import { BundleError, OptionError } from "../errors.js";
import { makeModel } from "./models.js";
import { makeNormalizer } from "./normalizer.js";
import { makePreTokenizer } from "./pre_tokenizer.js";
import { unknownPart } from "./unknown_part.js";

const DECODERS = [null, "Fuse", "ByteLevel"];

/** What tokenizer.json describes, at work: a text is cleaned, cut, and its pieces looked up. */
export class TextToIds {
  /**
   * @param {any} description the content of tokenizer.json
   * @throws {BundleError} it holds a part that this client does not read
   */
  constructor(description) {
    refuseParts(description);
    /** @type {ReadonlyMap<string, number>} */
    this.vocabulary = new Map(Object.entries(description.model.vocab));
    this.normalize = makeNormalizer(description.normalizer ?? null);
    this.cut = makePreTokenizer(description.pre_tokenizer ?? null);
    this.model = makeModel(description.model, this.vocabulary);
    this.byteLevel = description.decoder?.type === "ByteLevel";
    /** The tokens in the order of their ids. */
    this.tokens = [...this.vocabulary]
      .sort((one, other) => one[1] - other[1])
      .map(([token]) => token);
  }

  /**
   * The ids of a text without lone surrogates.
   *
   * @param {string} text
   * @returns {number[]} none for a text that holds nothing
   * @throws {OptionError} a word of it is millions of characters long
   */
  encode(text) {
    /** @type {number[]} */
    const ids = [];
    for (const piece of this.pieces(text)) {
      this.model.append(piece, ids);
    }
    return ids;
  }

  /** @param {string} text */
  pieces(text) {
    try {
      return this.cut(this.normalize(text));
    } catch (error) {
      if (error instanceof RangeError) {
        // Regular expressions have a stack of their own, which a word of some megabytes fills.
        throw new OptionError("A word of the text is too long to be read; cut the text shorter.");
      }
      throw error;
    }
  }
}

/** @param {any} description */
function refuseParts(description) {
  if (typeof description?.model?.vocab !== "object" || Array.isArray(description.model.vocab)) {
    throw new BundleError("tokenizer.json has no model with a vocabulary; export the model again.");
  }
  if (description.added_tokens?.length) {
    throw unknownPart("added_tokens", description.added_tokens, "files without them");
  }
  for (const name of ["post_processor", "truncation", "padding"]) {
    if (description[name]) {
      throw unknownPart(name, description[name].type ?? description[name], "files without it");
    }
  }
  const decoder = description.decoder?.type ?? null;
  if (!DECODERS.includes(decoder)) {
    throw unknownPart("decoder", decoder, "ByteLevel, Fuse and none");
  }
}
