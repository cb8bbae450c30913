package io.github.rnntoolkit;

/** Checks that options lie within their ranges. */
final class OptionRange {
    private OptionRange() {}

    static int atLeast(String name, int value, int least) {
        return check(name, value, value >= least, "must be at least " + least);
    }

    static double atLeast(String name, double value, double least) {
        boolean fits = value >= least && value < Double.POSITIVE_INFINITY;
        return check(name, value, fits, "must be at least " + least);
    }

    static double above(String name, double value, double least, double most) {
        boolean fits = value > least && value <= most;
        return check(name, value, fits, "must be above " + least + " and at most " + most);
    }

    static double between(String name, double value, double least, double most) {
        boolean fits = value >= least && value <= most;
        return check(name, value, fits, "must lie between " + least + " and " + most);
    }

    static OptionException refused(String name, String reason) {
        return new OptionException("Option " + name + ": " + reason + ".");
    }

    private static <T> T check(String name, T value, boolean fits, String range) {
        if (!fits) {
            throw refused(name, range + " (got " + value + ")");
        }
        return value;
    }
}
