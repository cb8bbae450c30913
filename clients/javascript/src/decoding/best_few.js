/**
 * The best of many candidates, of equals those that came first.
 *
 * @template Candidate
 */
export class BestFew {
  /** @param {number} most how many are kept */
  constructor(most) {
    this.most = most;
    /** @type {{score: number, candidate: Candidate}[]} */
    this.kept = [];
  }

  /**
   * Whether a score would be kept; -Infinity never is.
   *
   * @param {number} score
   */
  takes(score) {
    return (
      score > -Infinity &&
      (this.kept.length < this.most || score > this.kept[this.kept.length - 1].score)
    );
  }

  /**
   * Adds a candidate, unless enough are better.
   *
   * @param {number} score
   * @param {Candidate} candidate
   */
  add(score, candidate) {
    if (!this.takes(score)) {
      return;
    }
    let place = this.kept.length;
    while (place > 0 && this.kept[place - 1].score < score) {
      place -= 1;
    }
    this.kept.splice(place, 0, { score, candidate });
    this.kept.length = Math.min(this.kept.length, this.most);
  }

  /** The candidates, best first. */
  get candidates() {
    return this.kept.map(({ candidate }) => candidate);
  }
}
