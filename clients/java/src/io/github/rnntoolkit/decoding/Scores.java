package io.github.rnntoolkit.decoding;

import java.util.Arrays;

/** Arithmetic on the scores of one row: logits or log-probabilities, in double precision. */
final class Scores {
    /** What must not come. */
    static final double IMPOSSIBLE = Double.NEGATIVE_INFINITY;

    private Scores() {}

    static double[] ofLogits(float[] logits) {
        double[] scores = new double[logits.length];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = logits[id];
        }
        return scores;
    }

    static double largest(double[] scores) {
        double largest = IMPOSSIBLE;
        for (double score : scores) {
            largest = Math.max(largest, score);
        }
        return largest;
    }

    /** What to subtract from scores to make them natural-log probabilities. */
    static double logNormalizer(double[] scores) {
        double largest = largest(scores);
        double sum = 0;
        for (double score : scores) {
            sum += Math.exp(score - largest);
        }
        return largest + Math.log(sum);
    }

    /** Natural-log probabilities, in a new array. */
    static double[] logSoftmax(double[] scores) {
        double largest = largest(scores);
        double sum = 0;
        for (double score : scores) {
            sum += Math.exp(score - largest);
        }
        double log = Math.log(sum);
        double[] found = new double[scores.length];
        for (int id = 0; id < found.length; id++) {
            found[id] = scores[id] - largest - log;
        }
        return found;
    }

    /** The best id, of equals the lowest. */
    static int best(double[] scores) {
        int best = 0;
        for (int id = 1; id < scores.length; id++) {
            if (scores[id] > scores[best]) {
                best = id;
            }
        }
        return best;
    }

    static boolean anyPossible(double[] scores) {
        for (double score : scores) {
            if (score > IMPOSSIBLE && score < Double.POSITIVE_INFINITY) {
                return true;
            }
        }
        return false;
    }

    /** Makes ids impossible, unless nothing would be left. */
    static void block(double[] scores, int[] ids) {
        double[] before = new double[ids.length];
        for (int place = 0; place < ids.length; place++) {
            before[place] = scores[ids[place]];
        }
        for (int id : ids) {
            scores[id] = IMPOSSIBLE;
        }
        if (!anyPossible(scores)) {
            for (int place = 0; place < ids.length; place++) {
                scores[ids[place]] = before[place];
            }
        }
    }

    /** The ids that would complete an n-gram which a history has already (Paulus et al., 2018). */
    static int[] idsThatRepeat(int[] history, int size) {
        int[] found = new int[history.length];
        int used = 0;
        boolean[] seen = new boolean[0];
        for (int begin = 0; begin + size <= history.length; begin++) {
            boolean same = true;
            for (int place = 0; same && place < size - 1; place++) {
                same = history[begin + place] == history[history.length - size + 1 + place];
            }
            int last = history[begin + size - 1];
            if (last >= seen.length) {
                seen = Arrays.copyOf(seen, 2 * last + 1);
            }
            if (same && !seen[last]) {
                seen[last] = true;
                found[used++] = last;
            }
        }
        return Arrays.copyOf(found, used);
    }
}
