package io.github.rnntoolkit.pattern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A regular expression as instructions; see {@link PatternMatcher} for what each does. */
final class Program {
    /** Reads one character of a set. */
    static final int ONE = 0;
    /** Reads as many characters of a set as there are; gives them back one by one. */
    static final int RUN = 1;
    /** Goes on here, and from the target where that fails. */
    static final int SPLIT = 2;
    /** Goes on from the target. */
    static final int JUMP = 3;
    /** What follows, up to its END, must match ahead; then goes on from the target. */
    static final int AHEAD = 4;
    /** What follows, up to its END, must not match ahead; then goes on from the target. */
    static final int NOT_AHEAD = 5;
    /** The match is complete. */
    static final int END = 6;

    private int[] kinds = new int[16];
    private int[] numbers = new int[16]; // a target, or how many characters a run must have
    private final List<CodePointSet> sets = new ArrayList<>();

    private Program() {}

    /** Compiles a pattern; BundleException where it holds something unknown. */
    static Program of(String pattern) {
        Program program = new Program();
        PatternParser.parse(pattern).emit(program);
        program.end();
        return program;
    }

    int kind(int at) {
        return kinds[at];
    }

    int number(int at) {
        return numbers[at];
    }

    CodePointSet set(int at) {
        return sets.get(at);
    }

    void one(CodePointSet set) {
        add(ONE, 0, set);
    }

    void run(CodePointSet set, int least) {
        add(RUN, least, set);
    }

    int split() {
        return add(SPLIT, 0, null);
    }

    int jump() {
        return add(JUMP, 0, null);
    }

    void jumpTo(int target) {
        add(JUMP, target, null);
    }

    int ahead(boolean wanted) {
        return add(wanted ? AHEAD : NOT_AHEAD, 0, null);
    }

    void end() {
        add(END, 0, null);
    }

    /** Makes the next instruction the target of an earlier one. */
    void land(int from) {
        numbers[from] = sets.size();
    }

    private int add(int kind, int number, CodePointSet set) {
        int at = sets.size();
        if (at == kinds.length) {
            kinds = Arrays.copyOf(kinds, 2 * at);
            numbers = Arrays.copyOf(numbers, 2 * at);
        }
        kinds[at] = kind;
        numbers[at] = number;
        sets.add(set);
        return at;
    }
}
