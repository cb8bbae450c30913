const WORD = 0xffffffffn;
const STATE_BITS = 128;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const POOL_SIZE = 4;

/**
 * The random numbers of numpy's `default_rng`: PCG64 with the output XSL-RR (O'Neill, 2014).
 *
 * The same seed draws the same numbers as in Python.
 */
export class RandomNumbers {
  /**
   * @param {readonly number[]} seed whole numbers from 0, such as [seed, number of the sample]
   */
  constructor(seed) {
    const words = stateWords(entropyPool(seed.flatMap(wordsOf)), 8);
    const [stateHigh, stateLow, incrementHigh, incrementLow] = [0, 2, 4, 6].map(
      (place) => (BigInt(words[place + 1]) << 32n) | BigInt(words[place]),
    );
    this.increment = wrapped((((incrementHigh << 64n) | incrementLow) << 1n) | 1n);
    this.state = wrapped(this.increment + ((stateHigh << 64n) | stateLow));
    this.advance();
  }

  advance() {
    this.state = wrapped(this.state * MULTIPLIER + this.increment);
  }

  /**
   * The next number.
   *
   * @returns {number} uniform in [0, 1), of 53 bits
   */
  next() {
    this.advance();
    const mixed = (this.state >> 64n) ^ BigInt.asUintN(64, this.state);
    const rotation = this.state >> 122n;
    const rotated = BigInt.asUintN(64, (mixed >> rotation) | (mixed << (64n - rotation)));
    return Number(rotated >> 11n) / 2 ** 53;
  }
}

/** @param {bigint} value */
function wrapped(value) {
  return BigInt.asUintN(STATE_BITS, value);
}

/**
 * A whole number in pieces of 32 bits, the lowest first.
 *
 * @param {number} value
 * @returns {number[]} at least one
 */
function wordsOf(value) {
  const words = [];
  let rest = BigInt(value);
  do {
    words.push(Number(rest & WORD));
    rest >>= 32n;
  } while (rest > 0n);
  return words;
}

/**
 * A hash whose constant changes with every use.
 *
 * @param {number} constant
 * @param {number} multiplier of the constant
 */
function changingHash(constant, multiplier) {
  return (/** @type {number} */ value) => {
    const before = constant;
    constant = Math.imul(constant, multiplier);
    const mixed = Math.imul(value ^ before, constant);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
}

/**
 * The pool that numpy's SeedSequence makes of entropy.
 *
 * @param {readonly number[]} entropy words of 32 bits
 */
function entropyPool(entropy) {
  const hash = changingHash(0x43b0d7e5, 0x931e8875);
  const pool = Array.from({ length: POOL_SIZE }, (_, place) => hash(entropy[place] ?? 0));
  for (let source = 0; source < POOL_SIZE; source += 1) {
    for (let target = 0; target < POOL_SIZE; target += 1) {
      if (source !== target) {
        pool[target] = mix(pool[target], hash(pool[source]));
      }
    }
  }
  for (const word of entropy.slice(POOL_SIZE)) {
    for (let target = 0; target < POOL_SIZE; target += 1) {
      pool[target] = mix(pool[target], hash(word));
    }
  }
  return pool;
}

/**
 * @param {number} one
 * @param {number} other
 */
function mix(one, other) {
  const mixed = Math.imul(0xca01f9dd, one) - Math.imul(0x4973f715, other);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * What numpy's SeedSequence makes of its pool.
 *
 * @param {readonly number[]} pool
 * @param {number} count how many words of 32 bits
 */
function stateWords(pool, count) {
  const hash = changingHash(0x8b51f9dd, 0x58f38ded);
  return Array.from({ length: count }, (_, place) => hash(pool[place % POOL_SIZE]));
}
