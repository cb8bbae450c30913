package io.github.rnntoolkit.pattern;

import java.util.Arrays;

/** Finds the matches of a program in one text; for one thread. */
final class PatternMatcher {
    private static final int FRAME = 3;

    private final Program program;
    private final String text;
    // Ways not yet taken, three numbers each: instruction, place in the text, and for a run of
    // characters the place up to which it may be shortened (otherwise the place itself). They
    // are kept here and not on the thread's stack, which a long text would overflow.
    private int[] frames = new int[64 * FRAME];
    private int used;

    PatternMatcher(Program program, String text) {
        this.program = program;
        this.text = text;
    }

    /** Where the match that begins at a place ends; -1 where there is none. */
    int match(int begin) {
        used = 0;
        return match(0, begin);
    }

    private int match(int instruction, int begin) {
        int bottom = used; // frames below belong to the match around a look ahead
        int at = instruction;
        int place = begin;
        while (true) {
            boolean fits = true;
            switch (program.kind(at)) {
                case Program.END:
                    used = bottom;
                    return place;
                case Program.ONE:
                    int after = after(program.set(at), place);
                    fits = after >= 0;
                    place = after;
                    at++;
                    break;
                case Program.RUN:
                    int end = run(at, place);
                    fits = end >= 0;
                    place = end;
                    at++;
                    break;
                case Program.SPLIT:
                    push(program.number(at), place, place);
                    at++;
                    break;
                case Program.JUMP:
                    at = program.number(at);
                    break;
                default:
                    fits = match(at + 1, place) >= 0 == (program.kind(at) == Program.AHEAD);
                    at = program.number(at);
            }
            if (!fits) {
                if (used == bottom) {
                    return -1;
                }
                used -= FRAME;
                at = frames[used];
                place = shortened();
            }
        }
    }

    /** The place after one character of a set; -1 where there is another, or none. */
    private int after(CodePointSet set, int place) {
        if (place == text.length()) {
            return -1;
        }
        int point = text.codePointAt(place);
        return set.contains(point) ? place + Character.charCount(point) : -1;
    }

    private int run(int at, int begin) {
        CodePointSet set = program.set(at);
        int place = begin;
        int shortest = -1;
        for (int count = 0; ; count++) {
            if (count == program.number(at)) {
                shortest = place;
            }
            int next = after(set, place);
            if (next < 0) {
                break;
            }
            place = next;
        }
        if (shortest >= 0 && shortest < place) {
            push(at + 1, text.offsetByCodePoints(place, -1), shortest);
        }
        return shortest < 0 ? -1 : place;
    }

    /** The place of the frame just taken; a run that can be shorter still stays. */
    private int shortened() {
        int place = frames[used + 1];
        if (place > frames[used + 2]) {
            frames[used + 1] = text.offsetByCodePoints(place, -1);
            used += FRAME;
        }
        return place;
    }

    private void push(int instruction, int place, int shortest) {
        if (used == frames.length) {
            frames = Arrays.copyOf(frames, 2 * used);
        }
        frames[used++] = instruction;
        frames[used++] = place;
        frames[used++] = shortest;
    }
}
