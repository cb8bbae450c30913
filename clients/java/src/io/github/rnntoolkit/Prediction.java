package io.github.rnntoolkit;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The answer of a classifier for one text. */
public final class Prediction {
    /** The likeliest label. */
    public final String label;
    /** Its probability. */
    public final double probability;
    /** The probability of every label, in the order of the model's outputs. */
    public final Map<String, Double> probabilities;

    Prediction(List<String> labels, float[] row) {
        Map<String, Double> byLabel = new LinkedHashMap<>();
        int best = 0;
        for (int place = 0; place < row.length; place++) {
            byLabel.put(labels.get(place), (double) row[place]);
            best = row[place] > row[best] ? place : best;
        }
        label = labels.get(best);
        probability = row[best];
        probabilities = Collections.unmodifiableMap(byLabel);
    }
}
