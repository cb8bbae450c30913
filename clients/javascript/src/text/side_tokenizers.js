import { GenerationTokenizer } from "./generation_tokenizer.js";
import {
  plainLine,
  prepared,
  stripped,
  withoutHalfCharacter,
  withoutSurrogates,
} from "./plain_text.js";
import { TextToIds } from "./text_to_ids.js";

/** The two tokenizers of a translation: source text to ids, target ids to text. */
export class SideTokenizers {
  /**
   * @param {any} source the content of source_tokenizer.json
   * @param {any} target the content of target_tokenizer.json
   * @param {object} specification
   * @param {import("../manifest.js").TokenizerKind} specification.kind of the target
   * @param {boolean} specification.shared whether both sides have one vocabulary
   * @param {number} specification.maximumLength source ids that are read; the rest is cut off
   */
  constructor(source, target, { kind, shared, maximumLength }) {
    this.target = new GenerationTokenizer(target, { kind });
    this.source = shared ? this.target.textToIds : new TextToIds(source);
    this.shared = shared;
    this.maximumLength = maximumLength;
  }

  /**
   * The ids of a source text, tidied as the training texts were.
   *
   * @param {string} text any string
   * @returns {{ids: number[], cut: boolean}} no ids for a text that holds nothing; `cut` tells
   *   whether it was longer than is read
   */
  encodeSource(text) {
    const clean = this.clean(plainLine(text));
    const ids = stripped(clean) === "" ? [] : this.source.encode(clean);
    const cut = ids.length > this.maximumLength;
    return { ids: cut ? ids.slice(0, this.maximumLength) : ids, cut };
  }

  /** @param {string} line */
  clean(line) {
    if (!this.shared) {
      return withoutSurrogates(line);
    }
    // The first word looks like every other: with a space before it.
    return prepared(this.target.kind === "char" ? line : ` ${stripped(line)}`);
  }

  /**
   * The text of target ids.
   *
   * Each id adds what it completes, so that bytes that never become a character stay U+FFFD
   * where they stand.
   *
   * @param {readonly number[]} ids
   * @param {boolean} whole false where a bound cut the translation off, perhaps in the middle
   *   of a character
   * @returns {string} without white space at the ends
   */
  decodeTarget(ids, whole) {
    let text = "";
    /** @type {number[]} */
    let waiting = []; // since the last whole character
    let known = ""; // what was given of them
    for (const id of ids) {
      waiting.push(id);
      const all = this.target.decode(waiting);
      const complete = withoutHalfCharacter(all);
      text += complete.slice(known.length);
      known = complete;
      if (complete === all) {
        waiting = [];
        known = "";
      }
    }
    text += this.target.decode(waiting).slice(known.length);
    return stripped(whole ? text : withoutHalfCharacter(text));
  }
}
