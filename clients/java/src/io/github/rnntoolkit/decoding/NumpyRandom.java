package io.github.rnntoolkit.decoding;

import java.util.Arrays;

/**
 * The random numbers of numpy's default_rng: SeedSequence and PCG64 (O'Neill, 2014), so that the
 * same seed writes the same text here as in Python.
 */
public final class NumpyRandom {
    private static final int POOL = 4; // words of 32 bits
    private static final int HASH_START = 0x43b0d7e5;
    private static final int HASH_FACTOR = 0x931e8875;
    private static final int STATE_START = 0x8b51f9dd;
    private static final int STATE_FACTOR = 0x58f38ded;
    private static final int MIX_LEFT = 0xca01f9dd;
    private static final int MIX_RIGHT = 0x4973f715;
    private static final long STEP_HIGH = 0x2360ed051fc65da4L;
    private static final long STEP_LOW = 0x4385df649fccf645L;
    private static final double OF_53_BITS = 1.0 / (1L << 53);

    private long high;
    private long low;
    private final long addedHigh;
    private final long addedLow;

    /**
     * What numpy.random.default_rng(seed) is for a list of whole numbers.
     *
     * @param seed numbers of at least 0
     */
    public NumpyRandom(long... seed) {
        int[] words = words(seed);
        long[] state = state(pool(words));
        addedHigh = state[2] << 1 | state[3] >>> 63;
        addedLow = state[3] << 1 | 1;
        step();
        add(state[0], state[1]);
        step();
    }

    /**
     * The next number.
     *
     * @return uniform in [0, 1), with 53 random bits
     */
    public double next() {
        step();
        long bits = Long.rotateRight(high ^ low, (int) (high >>> 58));
        return (bits >>> 11) * OF_53_BITS;
    }

    private static int[] words(long[] seed) {
        int[] words = new int[2 * seed.length];
        int used = 0;
        for (long number : seed) {
            words[used++] = (int) number;
            if (number >>> 32 != 0) {
                words[used++] = (int) (number >>> 32);
            }
        }
        return Arrays.copyOf(words, used);
    }

    /** SeedSequence.mix_entropy: every word of the seed changes every word of the pool. */
    private static int[] pool(int[] words) {
        int[] pool = new int[POOL];
        int[] hash = {HASH_START};
        for (int place = 0; place < POOL; place++) {
            pool[place] = hashed(place < words.length ? words[place] : 0, hash);
        }
        for (int from = 0; from < POOL; from++) {
            for (int to = 0; to < POOL; to++) {
                if (from != to) {
                    pool[to] = mixed(pool[to], hashed(pool[from], hash));
                }
            }
        }
        for (int from = POOL; from < words.length; from++) {
            for (int to = 0; to < POOL; to++) {
                pool[to] = mixed(pool[to], hashed(words[from], hash));
            }
        }
        return pool;
    }

    private static int hashed(int word, int[] hash) {
        int value = word ^ hash[0];
        hash[0] *= HASH_FACTOR;
        value *= hash[0];
        return value ^ value >>> 16;
    }

    private static int mixed(int left, int right) {
        int value = MIX_LEFT * left - MIX_RIGHT * right;
        return value ^ value >>> 16;
    }

    /** SeedSequence.generate_state(4, uint64). */
    private static long[] state(int[] pool) {
        long[] state = new long[4];
        int hash = STATE_START;
        for (int place = 0; place < 2 * state.length; place++) {
            int value = pool[place % POOL] ^ hash;
            hash *= STATE_FACTOR;
            value *= hash;
            value ^= value >>> 16;
            state[place / 2] |= (value & 0xFFFFFFFFL) << 32 * (place % 2);
        }
        return state;
    }

    /** One step of the 128-bit congruential generator. */
    private void step() {
        long newHigh = highProduct(low, STEP_LOW) + high * STEP_LOW + low * STEP_HIGH;
        low *= STEP_LOW;
        high = newHigh;
        add(addedHigh, addedLow);
    }

    private void add(long otherHigh, long otherLow) {
        low += otherLow;
        high += otherHigh + (Long.compareUnsigned(low, otherLow) < 0 ? 1 : 0);
    }

    /** The upper 64 bits of an unsigned product; Math.multiplyHigh needs a newer Android. */
    private static long highProduct(long left, long right) {
        long leftLow = left & 0xFFFFFFFFL;
        long leftHigh = left >>> 32;
        long rightLow = right & 0xFFFFFFFFL;
        long rightHigh = right >>> 32;
        long crossed = leftHigh * rightLow + (leftLow * rightLow >>> 32);
        long middle = leftLow * rightHigh + (crossed & 0xFFFFFFFFL);
        return leftHigh * rightHigh + (crossed >>> 32) + (middle >>> 32);
    }
}
