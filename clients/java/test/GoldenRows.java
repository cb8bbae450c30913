import io.github.rnntoolkit.Bundle;
import io.github.rnntoolkit.Classifier;
import io.github.rnntoolkit.GeneratedText;
import io.github.rnntoolkit.GenerationOptions;
import io.github.rnntoolkit.Prediction;
import io.github.rnntoolkit.TextGenerator;
import io.github.rnntoolkit.Translation;
import io.github.rnntoolkit.TranslationOptions;
import io.github.rnntoolkit.Translator;
import io.github.rnntoolkit.decoding.EncoderDecoder;
import io.github.rnntoolkit.decoding.Ended;
import io.github.rnntoolkit.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compares a bundle with its golden rows. */
final class GoldenRows {
    private static final double TOLERANCE = 1e-5;

    private final Bundle bundle;
    private final Checks checks;

    GoldenRows(Bundle bundle, Checks checks) {
        this.bundle = bundle;
        this.checks = checks;
    }

    void check(JsonObject[] rows) {
        switch (bundle.task()) {
            case "sentiment":
                sentiment(rows);
                break;
            case "generation":
                TextGenerator generator = bundle.generator();
                for (JsonObject row : rows) {
                    generation(generator, row);
                }
                break;
            default:
                Translator translator = bundle.translator();
                for (JsonObject row : rows) {
                    translation(translator, row);
                }
        }
    }

    private void sentiment(JsonObject[] rows) {
        Classifier classifier = bundle.classifier();
        List<String> texts = new ArrayList<>();
        for (JsonObject row : rows) {
            String text = row.string("text");
            texts.add(text);
            checks.equal(classifier.tokenizer().encode(text), row.integers("ids"), row.where());
            probabilities(classifier.predict(text), row);
        }
        List<Prediction> together = classifier.predictAll(texts); // padded
        for (int number = 0; number < rows.length; number++) {
            probabilities(together.get(number), rows[number]);
        }
    }

    private void probabilities(Prediction found, JsonObject row) {
        double[] expected = row.numbers("probabilities");
        checks.equal(found.probabilities.size(), expected.length, row.where());
        int place = 0;
        for (double probability : found.probabilities.values()) {
            checks.close(probability, expected[place++], TOLERANCE, row.where());
        }
        checks.equal(found.probability, found.probabilities.get(found.label), row.where());
    }

    private void generation(TextGenerator generator, JsonObject row) {
        String text = row.string("text");
        checks.equal(generator.tokenizer().encode(text), row.integers("ids"), row.where());
        int[] context = generator.context(text, null);
        checks.equal(context, row.integers("context"), row.where() + " context");
        logits(generator.model().prefill(context).logits[0], row);
        for (String name : new String[] {"greedy", "sampled"}) {
            if (row.has(name)) {
                continuation(generator, text, row.object(name));
            }
        }
    }

    private void continuation(TextGenerator generator, String prompt, JsonObject expected) {
        GenerationOptions options = new GenerationOptions()
                .length(expected.integer("length"))
                .temperature(expected.number("temperature"))
                .topK(expected.integer("top_k"))
                .seed(expected.integer("seed"))
                .topP(1).minP(0).typical(1).repetitionPenalty(1).noRepeatNgram(0);
        StringBuilder pieces = new StringBuilder();
        GeneratedText found = generator.stream(prompt, options, pieces::append);
        checks.equal(found.ids(), expected.integers("ids"), expected.where());
        checks.equal(found.text, expected.string("text"), expected.where());
        checks.equal(found.fullText, prompt + found.text, expected.where());
        checks.equal(pieces.toString(), found.text, expected.where() + " streamed");
        int places = found.text.codePointCount(0, found.text.length());
        for (int size = 1; size <= 3 && 2 * size <= places; size++) {
            int begin = found.text.offsetByCodePoints(0, places / 2);
            int end = found.text.offsetByCodePoints(begin, size);
            stopped(generator, found, options, prompt, found.text.substring(begin, end));
        }
    }

    /** Written again up to a text that is in it. */
    private void stopped(
            TextGenerator generator, GeneratedText whole, GenerationOptions options,
            String prompt, String stop) {
        String where = "up to \"" + stop + "\" in \"" + whole.text + "\"";
        StringBuilder pieces = new StringBuilder();
        // Of two characters the second one, which ends where both of them do.
        int characters = stop.codePointCount(0, stop.length());
        String other = characters == 2 ? stop.substring(stop.offsetByCodePoints(0, 1)) : stop;
        options.stop("no text has this", other, stop, other);
        GeneratedText found = generator.stream(prompt, options, pieces::append);
        options.stop();
        int place = Math.min(whole.text.indexOf(stop), whole.text.indexOf(other));
        checks.equal(found.text, whole.text.substring(0, place), where);
        checks.equal(found.ended, Ended.STOP_STRING, where);
        checks.equal(pieces.toString(), found.text, where + " streamed");
    }

    private void translation(Translator translator, JsonObject row) {
        int[] ids = translator.tokenizers().encodeSource(row.string("text")).ids;
        checks.equal(ids, row.integers("ids"), row.where());
        Translation found =
                translator.translate(row.string("text"), new TranslationOptions().beam(1));
        if (ids.length == 0) {
            checks.equal(found.text, "", row.where() + " empty");
            return;
        }
        EncoderDecoder model = translator.model();
        EncoderDecoder.Encoded encoded = model.encode(ids);
        int begin = bundle.manifest().values.object("tokenizer").integer("begin_id");
        EncoderDecoder.Answer first =
                model.step(new int[] {begin}, encoded.fixed, encoded.states);
        logits(first.logits[0], row);
        close(first.attention[0], row.numbers("attention"), row.where() + " attention");
        int[] expected = row.integers("greedy");
        int[] greedy = found.candidates.get(0).ids();
        checks.equal(
                Arrays.copyOf(greedy, Math.min(greedy.length, expected.length)), expected,
                row.where() + " greedy");
        if (row.has("text_of_greedy")) {
            checks.equal(found.text, row.string("text_of_greedy"), row.where() + " greedy");
        }
    }

    /** The first logits and the likeliest ones; large logits may differ by a larger amount. */
    private void logits(float[] logits, JsonObject row) {
        double[] expected = row.numbers("logits");
        float[] found = Arrays.copyOf(logits, expected.length);
        List<Object> top = row.list("top");
        int begin = expected.length;
        expected = Arrays.copyOf(expected, begin + top.size());
        found = Arrays.copyOf(found, expected.length);
        for (int place = 0; place < top.size(); place++) {
            List<?> pair = (List<?>) top.get(place);
            found[begin + place] = logits[((Long) pair.get(0)).intValue()];
            expected[begin + place] = ((Number) pair.get(1)).doubleValue();
        }
        close(found, expected, row.where() + " logits");
    }

    private void close(float[] found, double[] expected, String where) {
        checks.equal(found.length, expected.length, where);
        for (int place = 0; place < Math.min(found.length, expected.length); place++) {
            checks.close(found[place], expected[place], TOLERANCE, where);
        }
    }
}
