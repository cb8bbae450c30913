import io.github.rnntoolkit.Tensor;
import io.github.rnntoolkit.decoding.BeamSearch;
import io.github.rnntoolkit.decoding.Ended;
import io.github.rnntoolkit.decoding.Hypothesis;
import io.github.rnntoolkit.decoding.NumpyRandom;
import io.github.rnntoolkit.decoding.Rules;
import io.github.rnntoolkit.decoding.Sampler;
import io.github.rnntoolkit.decoding.SamplingSettings;
import io.github.rnntoolkit.decoding.States;
import io.github.rnntoolkit.decoding.StepModel;
import io.github.rnntoolkit.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Random numbers, sampling and beam search against Python's: DecodingTest VECTORS. */
final class DecodingTest {
    private static final double TOLERANCE = 1e-9;

    private DecodingTest() {}

    public static void main(String[] arguments) throws IOException {
        Path vectors = Paths.get(arguments[0]);
        List<Boolean> reports = new ArrayList<>();
        reports.add(randomNumbers(Checks.object(vectors.resolve("random.json"))));
        reports.add(decoding(Checks.object(vectors.resolve("decoding.json"))));
        Checks.exit(reports);
    }

    private static boolean randomNumbers(JsonObject file) {
        Checks checks = new Checks("random numbers");
        for (JsonObject each : file.objects("cases")) {
            List<Object> given = each.list("seed");
            long[] seed = new long[given.size()];
            for (int place = 0; place < seed.length; place++) {
                seed[place] = (Long) given.get(place);
            }
            NumpyRandom random = new NumpyRandom(seed);
            for (double expected : each.numbers("numbers")) {
                checks.equal(random.next(), expected, "seed " + given);
            }
        }
        return checks.report();
    }

    private static boolean decoding(JsonObject file) {
        Checks checks = new Checks("decoding");
        Table table = new Table(file);
        for (JsonObject each : file.objects("cases")) {
            JsonObject options = each.object("options");
            Rules rules = new Rules(
                    file.integer("vocabulary_size"),
                    each.integers("never"),
                    each.has("end_id") ? (Integer) each.integer("end_id") : null,
                    (int) option(options, "min_length", 0),
                    each.integers("prompt"),
                    (int) option(options, "no_repeat_ngram", 0),
                    option(options, "repetition_penalty", 1));
            if (options.has("beam")) {
                searched(checks, table, rules, each);
            } else {
                drawn(checks, table, rules, each);
            }
        }
        return checks.report();
    }

    private static double option(JsonObject options, String name, double otherwise) {
        return options.has(name) ? options.number(name) : otherwise;
    }

    private static void drawn(Checks checks, Table table, Rules rules, JsonObject each) {
        JsonObject options = each.object("options");
        SamplingSettings settings = new SamplingSettings(
                options.integer("length"),
                option(options, "temperature", 1),
                (int) option(options, "top_k", 0),
                option(options, "top_p", 1),
                option(options, "min_p", 0),
                option(options, "typical", 1));
        int number = 0;
        for (JsonObject answer : each.objects("answers")) {
            String where = "prompt " + each.list("prompt") + " " + options.names() + " " + number;
            Sampler sampler = new Sampler(settings, rules, options.integer("seed"), number++);
            Ended ended = sampler.write(table, each.integers("prompt"), id -> false);
            compare(checks, answer, where, sampler.written(), ended, sampler.logProbability());
        }
    }

    private static void searched(Checks checks, Table table, Rules rules, JsonObject each) {
        JsonObject options = each.object("options");
        BeamSearch search = new BeamSearch(
                rules,
                options.integer("beam"),
                options.integer("length"),
                (int) option(options, "n_best", 1),
                option(options, "length_penalty", 0));
        List<Hypothesis> found = search.search(table, each.integers("prompt"), ids -> false);
        List<JsonObject> answers = each.objects("answers");
        String where = "prompt " + each.list("prompt") + " " + options.names();
        checks.equal(found.size(), answers.size(), where + " answers");
        for (int place = 0; place < Math.min(found.size(), answers.size()); place++) {
            Hypothesis one = found.get(place);
            JsonObject answer = answers.get(place);
            compare(checks, answer, where, one.ids, one.ended, one.logProbability);
            checks.close(one.score, answer.number("score"), TOLERANCE, where + " score");
        }
    }

    private static void compare(
            Checks checks, JsonObject answer, String where, int[] ids, Ended ended, double log) {
        checks.equal(ids, answer.integers("ids"), where);
        checks.equal(ended.toString(), answer.string("ended"), where);
        checks.close(log, answer.number("log_probability"), TOLERANCE, where);
    }

    /** Logits of an id and the one before it, out of two tables. */
    private static final class Table implements StepModel {
        private final List<double[]> first = new ArrayList<>();
        private final List<double[]> second = new ArrayList<>();

        Table(JsonObject file) {
            rows(file, "first", first);
            rows(file, "second", second);
        }

        private static void rows(JsonObject file, String name, List<double[]> rows) {
            for (Object row : file.list(name)) {
                JsonObject named = JsonObject.of(name, Collections.singletonMap("row", row));
                rows.add(named.numbers("row"));
            }
        }

        @Override
        public Answer prefill(int[] ids) {
            States states = new States(
                    Collections.singletonMap("before", Tensor.ofInts(new int[1], 1)));
            Answer answer = null;
            for (int id : ids) {
                answer = step(new int[] {id}, states);
                states = answer.states;
            }
            return answer;
        }

        @Override
        public Answer step(int[] ids, States states) {
            int[] before = states.tensors().get("before").ints();
            float[][] logits = new float[ids.length][];
            for (int row = 0; row < ids.length; row++) {
                double[] one = first.get(ids[row]);
                double[] other = second.get(before[row]);
                logits[row] = new float[one.length];
                for (int id = 0; id < one.length; id++) {
                    logits[row][id] = (float) one[id] + (float) other[id];
                }
            }
            return new Answer(logits, new States(
                    Collections.singletonMap("before", Tensor.ofInts(ids, ids.length))));
        }
    }
}
