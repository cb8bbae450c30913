import { BundleError } from "../errors.js";
import { SmallestFirst } from "./smallest_first.js";
import { unknownPart } from "./unknown_part.js";

const MOST_REMEMBERED = 20_000; // pieces
const LONGEST_REMEMBERED = 64; // characters

/**
 * Byte-pair encoding (Sennrich et al., 2016): of all neighbours in a piece, those that were
 * merged first in training are merged first, of equals the leftmost.
 */
export class BytePairEncoding {
  /**
   * @param {any} description the model of tokenizer.json
   * @param {ReadonlyMap<string, number>} vocabulary ids by token
   * @throws {BundleError} it has an option that is not read, or a merge of unknown tokens
   */
  constructor(description, vocabulary) {
    refuseOptions(description);
    this.vocabulary = vocabulary;
    this.unknown = vocabulary.get(description.unk_token ?? "");
    this.wholeFirst = description.ignore_merges === true;
    this.size = Math.max(...vocabulary.values()) + 1;
    /** @type {Map<number, number>} the rank of a pair */
    this.ranks = new Map();
    /** @type {number[]} the id that the pair of each rank becomes */
    this.merged = [];
    for (const merge of description.merges) {
      this.addMerge(typeof merge === "string" ? splitAtSpace(merge) : merge);
    }
    /** @type {Map<string, readonly number[]>} */
    this.remembered = new Map();
  }

  /** @param {readonly [string, string]} pair */
  addMerge([left, right]) {
    const leftId = this.vocabulary.get(left);
    const rightId = this.vocabulary.get(right);
    const id = this.vocabulary.get(left + right);
    if (leftId === undefined || rightId === undefined || id === undefined) {
      throw new BundleError(
        `tokenizer.json merges "${left}" and "${right}", which are not in its vocabulary.`,
      );
    }
    this.ranks.set(this.pair(leftId, rightId), this.merged.length);
    this.merged.push(id);
  }

  /**
   * @param {number} left
   * @param {number} right
   */
  pair(left, right) {
    return left * this.size + right;
  }

  /**
   * Appends the ids of a piece; the same pieces come again and again, so they are remembered.
   *
   * @param {string} piece
   * @param {number[]} ids
   */
  append(piece, ids) {
    let found = this.remembered.get(piece);
    if (found === undefined) {
      found = this.encode(piece);
      if (piece.length <= LONGEST_REMEMBERED) {
        if (this.remembered.size >= MOST_REMEMBERED) {
          this.remembered.clear();
        }
        this.remembered.set(piece, found);
      }
    }
    for (const id of found) {
      ids.push(id);
    }
  }

  /**
   * @param {string} piece
   * @returns {readonly number[]}
   */
  encode(piece) {
    const whole = this.wholeFirst ? this.vocabulary.get(piece) : undefined;
    return whole === undefined ? this.mergeAll(this.characters(piece)) : [whole];
  }

  /**
   * The ids of the characters; one without an id becomes unknown, or nothing.
   *
   * @param {string} piece
   */
  characters(piece) {
    const found = [];
    for (const character of piece) {
      const id = this.vocabulary.get(character) ?? this.unknown;
      if (id !== undefined) {
        found.push(id);
      }
    }
    return found;
  }

  /**
   * Merges neighbours until none can be; in n log n steps, for pieces may be very long.
   *
   * @param {number[]} ids used up
   */
  mergeAll(ids) {
    const count = ids.length;
    const next = Int32Array.from(ids, (_, place) => place + 1); // `count` after the last
    const previous = Int32Array.from(ids, (_, place) => place - 1);
    const waiting = new SmallestFirst(); // rank * count + place
    /** @param {number} place */
    const rankAt = (place) =>
      next[place] < count ? this.ranks.get(this.pair(ids[place], ids[next[place]])) : undefined;
    /** @param {number} place */
    const consider = (place) => {
      const rank = rankAt(place);
      if (rank !== undefined) {
        waiting.add(rank * count + place);
      }
    };
    for (let place = 0; place < count - 1; place += 1) {
      consider(place);
    }
    while (waiting.size > 0) {
      const smallest = waiting.take();
      const place = smallest % count;
      const rank = (smallest - place) / count;
      if (rankAt(place) !== rank) {
        continue; // the pair is no longer there; an id that is gone is -1, which is in no pair
      }
      const gone = next[place];
      ids[place] = this.merged[rank];
      ids[gone] = -1;
      next[place] = next[gone];
      if (next[place] < count) {
        previous[next[place]] = place;
      }
      if (previous[place] >= 0) {
        consider(previous[place]);
      }
      consider(place);
    }
    return ids.filter((id) => id >= 0);
  }
}

/** @param {string} merge two tokens, which hold no space */
function splitAtSpace(merge) {
  const space = merge.indexOf(" ");
  return /** @type {const} */ ([merge.slice(0, space), merge.slice(space + 1)]);
}

/** @param {any} description */
function refuseOptions(description) {
  for (const name of [
    "dropout",
    "continuing_subword_prefix",
    "end_of_word_suffix",
    "fuse_unk",
    "byte_fallback",
  ]) {
    if (description[name]) {
      throw unknownPart(`BPE option ${name}`, description[name], "BPE without it");
    }
  }
}
