import { HALF_CHARACTER, withoutHalfCharacter } from "../text/plain_text.js";

/** Finds the first stop string of a text, and tails that may become one. */
export class StopStrings {
  /** @param {readonly string[]} stops texts of at least one character */
  constructor(stops) {
    this.stops = stops;
    this.longest = Math.max(0, ...stops.map((stop) => stop.length));
  }

  /**
   * Where the first stop string begins; -1 when there is none.
   *
   * @param {string} text
   * @param {number} [start] where to look from
   */
  find(text, start = 0) {
    const found = this.stops.map((stop) => text.indexOf(stop, start)).filter((place) => place >= 0);
    return found.length ? Math.min(...found) : -1;
  }

  /**
   * The length of the end that may be the beginning of a stop string.
   *
   * @param {string} text
   */
  heldBack(text) {
    for (let length = Math.min(this.longest - 1, text.length); length > 0; length -= 1) {
      const tail = text.slice(-length);
      if (this.stops.some((stop) => stop.length > length && stop.startsWith(tail))) {
        return length;
      }
    }
    return 0;
  }
}

/**
 * A text while its ids arrive, in whole characters, up to a stop string.
 *
 * An id may hold half a character (byte-level subwords): its text waits for the rest. Pieces are
 * decoded after the ids of the piece before, because a decoder may put a space between tokens.
 */
export class GrowingText {
  /**
   * @param {(ids: readonly number[]) => string} decode ids to text
   * @param {readonly string[]} [stops] texts that end it
   * @param {readonly number[]} [context] ids before the first; their text is not part of this one
   */
  constructor(decode, stops = [], context = []) {
    this.decode = decode;
    this.stops = new StopStrings(stops);
    this.text = "";
    this.stopped = false;
    this.context = context;
    /** @type {number[]} */
    this.waiting = [];
    this.searchFrom = 0;
    this.given = 0;
  }

  /**
   * Takes one more id.
   *
   * @param {number} id
   */
  add(id) {
    this.waiting.push(id);
    const piece = this.piece();
    if (piece.endsWith(HALF_CHARACTER)) {
      return;
    }
    this.context = this.waiting;
    this.waiting = [];
    this.append(piece);
  }

  /** Says that no more ids come: what is left of half a character is dropped. */
  finish() {
    if (this.waiting.length > 0 && !this.stopped) {
      this.append(withoutHalfCharacter(this.piece()));
      this.waiting = [];
    }
  }

  /**
   * The text since the last call that can no longer change.
   *
   * @param {boolean} [last] nothing more comes, so that a tail which looks like the beginning of
   *   a stop string is given too
   */
  news(last = false) {
    const held = last || this.stopped ? 0 : this.stops.heldBack(this.text);
    const end = Math.max(this.given, this.text.length - held);
    const piece = this.text.slice(this.given, end);
    this.given = end;
    return piece;
  }

  piece() {
    const before = this.decode(this.context);
    return this.decode([...this.context, ...this.waiting]).slice(before.length);
  }

  /** @param {string} piece */
  append(piece) {
    this.text += piece;
    const place = this.stops.find(this.text, this.searchFrom);
    if (place >= 0) {
      this.text = this.text.slice(0, place);
      this.stopped = true;
    }
    this.searchFrom = Math.max(this.searchFrom, this.text.length - this.stops.longest + 1);
  }
}
