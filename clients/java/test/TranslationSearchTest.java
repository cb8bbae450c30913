import io.github.rnntoolkit.Tensor;
import io.github.rnntoolkit.decoding.EncoderDecoder;
import io.github.rnntoolkit.decoding.Hypothesis;
import io.github.rnntoolkit.decoding.States;
import io.github.rnntoolkit.decoding.TranslationSearch;
import io.github.rnntoolkit.decoding.TranslationSettings;
import io.github.rnntoolkit.json.JsonObject;
import java.io.IOException;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Beam search for translations over tables instead of a network: TranslationSearchTest CASES.
 *
 * <p>CASES is a file with an object that has "cases". In a case, the logits after an id are its
 * row of "first" plus the row of "second" of its place, from 0 and from the top again at the end
 * of the table; what is read of the source is its row of "attention".
 */
final class TranslationSearchTest {
    private static final double TOLERANCE = 1e-5; // Python searches in single precision

    private TranslationSearchTest() {}

    public static void main(String[] arguments) throws IOException {
        Checks checks = new Checks("searches for translations");
        for (JsonObject each : Checks.object(Paths.get(arguments[0])).objects("cases")) {
            JsonObject options = each.object("options");
            int size = each.list("first").size();
            TranslationSettings settings = new TranslationSettings(
                    options.integer("beam"),
                    options.integer("n_best"),
                    options.number("length_penalty"),
                    options.number("coverage_penalty"),
                    options.integer("min_length"),
                    options.integer("no_repeat_ngram"));
            TranslationSearch search = new TranslationSearch(
                    settings, size, each.integer("begin_id"), each.integer("end_id"),
                    each.integers("never"));
            List<Hypothesis> found = search.search(
                    new Table(each), each.integers("source"), each.integer("bound"));
            List<JsonObject> answers = each.objects("answers");
            checks.equal(found.size(), answers.size(), each.where() + " answers");
            for (int place = 0; place < Math.min(found.size(), answers.size()); place++) {
                compare(checks, found.get(place), answers.get(place));
            }
        }
        Checks.exit(Arrays.asList(checks.report()));
    }

    private static void compare(Checks checks, Hypothesis found, JsonObject answer) {
        String where = answer.where();
        checks.equal(found.ids, answer.integers("ids"), where);
        checks.equal(found.ended.toString(), answer.string("ended"), where);
        checks.close(found.score, answer.number("score"), TOLERANCE, where);
        checks.close(found.logProbability, answer.number("log_probability"), TOLERANCE, where);
    }

    private static final class Table implements EncoderDecoder {
        private final double[][] first;
        private final double[][] second;
        private final double[][] attention;

        Table(JsonObject each) {
            first = table(each, "first");
            second = table(each, "second");
            attention = table(each, "attention");
        }

        private static double[][] table(JsonObject each, String name) {
            double[][] rows = new double[each.list(name).size()][];
            for (int row = 0; row < rows.length; row++) {
                Object values = each.list(name).get(row);
                rows[row] = JsonObject.of(name, Collections.singletonMap("row", values))
                        .numbers("row");
            }
            return rows;
        }

        @Override
        public Encoded encode(int[] ids) {
            Tensor place = Tensor.ofInts(new int[1], 1);
            return new Encoded(
                    new States(Collections.singletonMap("length", Tensor.ofInts(ids, 1, ids.length))),
                    new States(Collections.singletonMap("place", place)));
        }

        @Override
        public Answer step(int[] ids, States fixed, States states) {
            if (fixed.tensors().get("length").shape()[0] != ids.length) {
                throw new IllegalStateException("what is fixed must have a row for each id");
            }
            int[] places = states.tensors().get("place").ints();
            int[] after = new int[ids.length];
            float[][] logits = new float[ids.length][];
            float[][] read = new float[ids.length][];
            for (int row = 0; row < ids.length; row++) {
                logits[row] = sum(first[ids[row]], second[places[row] % second.length]);
                after[row] = places[row] + 1;
                read[row] = sum(attention[ids[row]], new double[attention[0].length]);
            }
            Tensor next = Tensor.ofInts(after, ids.length);
            return new Answer(
                    logits, read, new States(Collections.singletonMap("place", next)));
        }

        private static float[] sum(double[] one, double[] other) {
            float[] sum = new float[one.length];
            for (int place = 0; place < sum.length; place++) {
                sum[place] = (float) one[place] + (float) other[place];
            }
            return sum;
        }
    }
}
