package io.github.rnntoolkit.decoding;

import java.util.ArrayList;
import java.util.List;

/** Each step's choices with the rows they came from, so that nothing is copied meanwhile. */
final class Trail {
    // A source token that was never looked at must cost much, but not everything.
    private static final double LEAST_ATTENTION = 1e-9;

    private final List<float[][]> attention = new ArrayList<>();
    private final List<int[]> ids = new ArrayList<>();
    private final List<int[]> parents = new ArrayList<>();

    /** Number of model calls. */
    int position() {
        return attention.size();
    }

    /** Notes a model call: [rows][source ids]. */
    void read(float[][] weights) {
        attention.add(weights);
    }

    /** Notes which ids go on after a model call, and the rows of that call they came from. */
    void chose(int[] newIds, int[] rows) {
        ids.add(newIds);
        parents.add(rows);
    }

    /** The ids that a row of the newest model call had been given, without the begin id. */
    int[] idsBefore(int row) {
        int[] found = new int[position() - 1];
        int at = row;
        for (int step = found.length - 1; step >= 0; step--) {
            found[step] = ids.get(step)[at];
            at = parents.get(step)[at];
        }
        return found;
    }

    /**
     * The coverage penalty cp of equation 14 of Wu et al. (2016) of a row of the newest call.
     *
     * @param row of the call
     * @param beta its strength
     * @return at most 0; 0 when all was read
     */
    double coverage(int row, double beta) {
        double[] read = new double[attention.get(0)[0].length];
        int at = row;
        for (int step = position() - 1; step >= 0; step--) {
            float[] weights = attention.get(step)[at];
            for (int place = 0; place < read.length; place++) {
                read[place] += weights[place];
            }
            at = step > 0 ? parents.get(step - 1)[at] : at;
        }
        double sum = 0;
        for (double all : read) {
            sum += Math.log(Math.min(Math.max(all, LEAST_ATTENTION), 1));
        }
        return beta * sum;
    }
}
