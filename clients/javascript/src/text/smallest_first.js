/** Numbers of which the smallest can be taken (a binary heap). */
export class SmallestFirst {
  constructor() {
    /** @type {number[]} */
    this.numbers = [];
  }

  /** How many numbers there are. */
  get size() {
    return this.numbers.length;
  }

  /**
   * Adds a number.
   *
   * @param {number} number
   */
  add(number) {
    const numbers = this.numbers;
    let place = numbers.length;
    numbers.push(number);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (numbers[parent] <= number) {
        break;
      }
      numbers[place] = numbers[parent];
      place = parent;
    }
    numbers[place] = number;
  }

  /**
   * Takes out the smallest number; there must be one.
   *
   * @returns {number}
   */
  take() {
    const numbers = this.numbers;
    const smallest = numbers[0];
    const last = /** @type {number} */ (numbers.pop());
    const count = numbers.length;
    if (count === 0) {
      return smallest;
    }
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= count) {
        break;
      }
      if (child + 1 < count && numbers[child + 1] < numbers[child]) {
        child += 1;
      }
      if (numbers[child] >= last) {
        break;
      }
      numbers[place] = numbers[child];
      place = child;
    }
    numbers[place] = last;
    return smallest;
  }
}
