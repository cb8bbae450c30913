import { withoutSurrogates } from "./plain_text.js";
import { TextToIds } from "./text_to_ids.js";

/** Turns a text into the ids that a classifier reads, those of an over-long one cut short. */
export class ClassifierTokenizer {
  /**
   * @param {any} description the content of tokenizer.json
   * @param {object} limits
   * @param {number} limits.maximumLength the most ids a text may have
   * @param {number} limits.headLength how many ids of an over-long text come from its
   *   beginning; the rest comes from its end
   * @param {number} limits.unknownId what a text without any token becomes
   */
  constructor(description, { maximumLength, headLength, unknownId }) {
    this.textToIds = new TextToIds(description);
    this.maximumLength = maximumLength;
    this.headLength = headLength;
    this.unknownId = unknownId;
  }

  /**
   * The ids of a text: at least one, at most the maximum length.
   *
   * @param {string} text any string
   * @returns {number[]}
   */
  encode(text) {
    const ids = this.textToIds.encode(withoutSurrogates(text));
    if (ids.length === 0) {
      return [this.unknownId];
    }
    if (ids.length <= this.maximumLength) {
      return ids;
    }
    const tail = ids.length - (this.maximumLength - this.headLength);
    return [...ids.slice(0, this.headLength), ...ids.slice(tail)];
  }
}
