package io.github.rnntoolkit.decoding;

import java.util.Arrays;

/**
 * Filters between a model's logits and the draw, each on one row of scores.
 *
 * <p>They come in this order: temperature, top-k, top-p, min-p, typical. An id that is filtered
 * out has the score minus infinity; at least one always survives. Where ids are equally likely
 * the lower one wins.
 */
final class Filters {
    // Sums of probabilities carry rounding errors; a set that reaches its mass but for less than
    // this has reached it.
    private static final double TOLERANCE = 1e-9;

    private Filters() {}

    /** The log-probabilities to draw from; the temperature must not be 0. */
    static double[] filtered(double[] scores, SamplingSettings settings) {
        double[] kept = withTemperature(scores, settings.temperature);
        if (settings.topK > 0) {
            kept = keepTopK(kept, settings.topK);
        }
        if (settings.topP < 1) {
            kept = keepTopP(kept, settings.topP);
        }
        if (settings.minP > 0) {
            kept = keepMinP(kept, settings.minP);
        }
        if (settings.typical < 1) {
            kept = keepTypical(kept, settings.typical);
        }
        return Scores.logSoftmax(kept);
    }

    private static double[] withTemperature(double[] scores, double temperature) {
        double largest = Scores.largest(scores);
        double[] divided = new double[scores.length];
        for (int id = 0; id < divided.length; id++) {
            divided[id] = (scores[id] - largest) / temperature;
        }
        return divided;
    }

    /** The k likeliest (Fan et al., 2018). */
    private static double[] keepTopK(double[] scores, int k) {
        return k >= scores.length ? scores : keepBest(scores, k, ascending(scores));
    }

    /** The smallest set of the likeliest that has the mass (Holtzman et al., 2020). */
    private static double[] keepTopP(double[] scores, double mass) {
        double[] logProbabilities = Scores.logSoftmax(scores);
        double[] ascending = ascending(logProbabilities);
        double[] probabilities = new double[ascending.length];
        for (int place = 0; place < probabilities.length; place++) {
            probabilities[place] = Math.exp(ascending[ascending.length - 1 - place]);
        }
        return keepBest(logProbabilities, countToMass(probabilities, mass), ascending);
    }

    /** All that are at least a share as likely as the likeliest (Nguyen et al., 2024). */
    private static double[] keepMinP(double[] scores, double share) {
        double threshold = Scores.largest(scores) + Math.log(share) - TOLERANCE;
        double[] kept = scores.clone();
        for (int id = 0; id < kept.length; id++) {
            kept[id] = kept[id] >= threshold ? kept[id] : Scores.IMPOSSIBLE;
        }
        return kept;
    }

    /** Those whose surprise is nearest the expected one, up to a mass (Meister et al., 2023). */
    private static double[] keepTypical(double[] scores, double mass) {
        double[] logProbabilities = Scores.logSoftmax(scores);
        double entropy = 0;
        for (double value : logProbabilities) {
            entropy -= value == Scores.IMPOSSIBLE ? 0 : Math.exp(value) * value;
        }
        double[] distances = new double[scores.length];
        Integer[] order = new Integer[scores.length];
        for (int id = 0; id < order.length; id++) {
            order[id] = id;
            distances[id] = Math.abs(-logProbabilities[id] - entropy);
        }
        Arrays.sort(order, (left, right) -> Double.compare(distances[left], distances[right]));
        double[] probabilities = new double[order.length];
        for (int place = 0; place < order.length; place++) {
            probabilities[place] = Math.exp(logProbabilities[order[place]]);
        }
        double[] kept = new double[scores.length];
        Arrays.fill(kept, Scores.IMPOSSIBLE);
        int count = countToMass(probabilities, mass);
        for (int place = 0; place < count; place++) {
            kept[order[place]] = logProbabilities[order[place]];
        }
        return kept;
    }

    /** How many of the ordered probabilities it takes to reach a mass; at least one. */
    private static int countToMass(double[] ordered, double mass) {
        double sum = 0;
        int count = 0;
        for (double probability : ordered) {
            sum += probability;
            if (sum - probability < mass - TOLERANCE) {
                count++;
            }
        }
        return Math.max(count, 1);
    }

    private static double[] ascending(double[] scores) {
        double[] sorted = scores.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    /** The count best scores, of equals the lower ids. */
    private static double[] keepBest(double[] scores, int count, double[] ascending) {
        double threshold = ascending[ascending.length - count];
        int room = count;
        for (double score : scores) {
            room -= score > threshold ? 1 : 0;
        }
        double[] kept = scores.clone();
        for (int id = 0; id < kept.length; id++) {
            boolean equal = kept[id] == threshold;
            if (kept[id] < threshold || equal && room-- <= 0) {
                kept[id] = Scores.IMPOSSIBLE;
            }
        }
        return kept;
    }
}
