package io.github.rnntoolkit;

import io.github.rnntoolkit.json.JsonObject;
import io.github.rnntoolkit.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Texts in, labels with probabilities out. */
public final class Classifier {
    private static final String PREDICT = "predict";
    private static final int IDS_PER_BATCH = 16_384;

    private final Tokenizer tokenizer;
    private final List<String> labels;
    private final ModelRuntime model;
    private final int padId;

    private Classifier(Tokenizer tokenizer, List<String> labels, ModelRuntime model, int padId) {
        this.tokenizer = tokenizer;
        this.labels = Collections.unmodifiableList(labels);
        this.model = model;
        this.padId = padId;
    }

    static Classifier of(Bundle bundle) {
        JsonObject values = bundle.manifest().values;
        JsonObject spec = values.object("tokenizer");
        Tokenizer tokenizer = new Tokenizer(
                bundle.tokenizer(spec.string("file")),
                spec.integer("unknown_id"),
                spec.integer("maximum_length"),
                spec.integer("head_length"));
        return new Classifier(
                tokenizer, values.strings("labels"), bundle.model(), spec.integer("pad_id"));
    }

    /**
     * The label of one text.
     *
     * @param text any text, an empty one included
     * @return the likeliest label, and the probability of each
     * @throws BundleException the model's answer does not fit the manifest
     */
    public Prediction predict(String text) {
        return predictAll(Collections.singletonList(text)).get(0);
    }

    /**
     * The labels of several texts, which is faster than one by one.
     *
     * @param texts any texts
     * @return one answer per text, in the same order
     * @throws BundleException the model's answer does not fit the manifest
     */
    public List<Prediction> predictAll(List<String> texts) {
        int[][] rows = new int[texts.size()][];
        Integer[] order = new Integer[rows.length];
        for (int number = 0; number < rows.length; number++) {
            rows[number] = tokenizer.encode(texts.get(number));
            order[number] = number;
        }
        // Texts of similar length together, so that little of a batch is padding.
        Arrays.sort(order, (left, right) -> rows[left].length - rows[right].length);
        Prediction[] found = new Prediction[rows.length];
        int begin = 0;
        while (begin < order.length) {
            int end = begin + 1;
            while (end < order.length
                    && (long) (end - begin + 1) * rows[order[end]].length <= IDS_PER_BATCH) {
                end++;
            }
            predictBatch(rows, Arrays.copyOfRange(order, begin, end), found);
            begin = end;
        }
        return Arrays.asList(found);
    }

    /**
     * The class names in the order of the model's outputs.
     *
     * @return the labels
     */
    public List<String> labels() {
        return labels;
    }

    /**
     * The tokenizer of the bundle.
     *
     * @return the tokenizer
     */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    private void predictBatch(int[][] rows, Integer[] numbers, Prediction[] found) {
        List<int[]> batch = new ArrayList<>();
        for (int number : numbers) {
            batch.add(rows[number]);
        }
        Tensor ids = Tensor.padded(batch, padId);
        Tensor answer = NamedTensors.get(
                model.run(PREDICT, Collections.singletonMap("ids", ids)), "probabilities", PREDICT);
        float[][] probabilities = answer.rowsOfFloats();
        if (probabilities.length != numbers.length || probabilities[0].length != labels.size()) {
            throw new BundleException(
                    "The model answered with " + Arrays.toString(answer.shape()) + " numbers for "
                            + numbers.length + " texts and " + labels.size()
                            + " labels. Export the model again.");
        }
        for (int row = 0; row < numbers.length; row++) {
            found[numbers[row]] = new Prediction(labels, probabilities[row]);
        }
    }
}
