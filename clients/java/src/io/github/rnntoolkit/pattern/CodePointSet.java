package io.github.rnntoolkit.pattern;

import java.util.Arrays;

/** A set of Unicode code points. */
public final class CodePointSet {
    /** White space in the sense of Unicode (the property White_Space). */
    public static final CodePointSet WHITE_SPACE = ofRanges(
            0x09, 0x0D, 0x20, 0x20, 0x85, 0x85, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A,
            0x2028, 0x2029, 0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000);

    private static final int BASIC = 0x10000; // code points of one UTF-16 unit

    private final int[] bounds; // first, last, first, last ... in order, apart from each other
    private final long[] basic = new long[BASIC / Long.SIZE];

    private CodePointSet(int[] bounds) {
        this.bounds = bounds;
        for (int at = 0; at < bounds.length; at += 2) {
            for (int point = bounds[at]; point <= Math.min(bounds[at + 1], BASIC - 1); point++) {
                basic[point >> 6] |= 1L << point;
            }
        }
    }

    /**
     * A set of ranges.
     *
     * @param ranges first and last code point of each, in any order
     * @return the set
     */
    public static CodePointSet ofRanges(int... ranges) {
        long[] sorted = new long[ranges.length / 2];
        for (int at = 0; at < sorted.length; at++) {
            sorted[at] = (long) ranges[2 * at] << 32 | ranges[2 * at + 1];
        }
        Arrays.sort(sorted);
        int[] bounds = new int[ranges.length];
        int used = 0;
        for (long range : sorted) {
            int first = (int) (range >> 32);
            int last = (int) range;
            if (used > 0 && first <= bounds[used - 1] + 1) {
                bounds[used - 1] = Math.max(bounds[used - 1], last);
            } else {
                bounds[used++] = first;
                bounds[used++] = last;
            }
        }
        return new CodePointSet(Arrays.copyOf(bounds, used));
    }

    /**
     * The code points whose kind in the platform's Unicode tables is one of several.
     *
     * @param types constants of {@link Character}, such as {@link Character#LOWERCASE_LETTER}
     * @return the set
     */
    static CodePointSet ofTypes(byte... types) {
        int wanted = 0;
        for (byte type : types) {
            wanted |= 1 << type;
        }
        int[] ranges = new int[256];
        int used = 0;
        for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if ((wanted >> Character.getType(point) & 1) == 0) {
                continue;
            }
            if (used > 0 && ranges[used - 1] == point - 1) {
                ranges[used - 1] = point;
                continue;
            }
            if (used == ranges.length) {
                ranges = Arrays.copyOf(ranges, 2 * used);
            }
            ranges[used++] = point;
            ranges[used++] = point;
        }
        return new CodePointSet(Arrays.copyOf(ranges, used));
    }

    /**
     * Whether a code point is in the set.
     *
     * @param point the code point
     * @return whether it is
     */
    public boolean contains(int point) {
        if (point < BASIC) {
            return (basic[point >> 6] >>> point & 1) != 0;
        }
        int low = 0;
        int high = bounds.length / 2 - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (point < bounds[2 * middle]) {
                high = middle - 1;
            } else if (point > bounds[2 * middle + 1]) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    /**
     * The first and last code points of the ranges, in order.
     *
     * @return a copy
     */
    int[] ranges() {
        return bounds.clone();
    }

    /**
     * All code points that are not in the set.
     *
     * @return the other set
     */
    CodePointSet complement() {
        int[] others = new int[bounds.length + 2];
        int used = 0;
        int next = 0;
        for (int at = 0; at < bounds.length; at += 2) {
            if (bounds[at] > next) {
                others[used++] = next;
                others[used++] = bounds[at] - 1;
            }
            next = bounds[at + 1] + 1;
        }
        if (next <= Character.MAX_CODE_POINT) {
            others[used++] = next;
            others[used++] = Character.MAX_CODE_POINT;
        }
        return new CodePointSet(Arrays.copyOf(others, used));
    }
}
