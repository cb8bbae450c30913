import io.github.rnntoolkit.Bundle;
import io.github.rnntoolkit.BundleReader;
import io.github.rnntoolkit.FolderReader;
import io.github.rnntoolkit.GeneratedText;
import io.github.rnntoolkit.GenerationOptions;
import io.github.rnntoolkit.Manifest;
import io.github.rnntoolkit.ModelRuntime;
import io.github.rnntoolkit.RuntimeOpener;
import io.github.rnntoolkit.TextGenerator;
import io.github.rnntoolkit.Translation;
import io.github.rnntoolkit.TranslationOptions;
import io.github.rnntoolkit.Translator;
import io.github.rnntoolkit.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bundles with a model that runs: every golden row, and beam searches against Python's.
 *
 * <p>BundleTest VECTORS PYTHON SCRIPT runs the models in a Python process (model_process.py);
 * BundleTest VECTORS runs them with ONNX Runtime for the JVM, which must be on the class path.
 */
final class BundleTest {
    private static final double TOLERANCE = 1e-5;

    private BundleTest() {}

    public static void main(String[] arguments) throws IOException {
        Path vectors = Paths.get(arguments[0]);
        JsonObject beams = Checks.object(vectors.resolve("beam.json"));
        List<Boolean> reports = new ArrayList<>();
        File[] folders = vectors.resolve("bundles").toFile().listFiles();
        Arrays.sort(folders);
        for (File folder : folders) {
            Checks golden = new Checks("golden rows of " + folder.getName());
            Checks searches = new Checks("beam searches of " + folder.getName());
            try (Bundle bundle = Bundle.load(new FolderReader(folder), opener(folder, arguments))) {
                new GoldenRows(bundle, golden).check(
                        Checks.lines(folder.toPath().resolve("golden.jsonl")));
                if (beams.has(folder.getName())) {
                    searched(bundle, beams.objects(folder.getName()), searches);
                }
            }
            reports.add(golden.report());
            if (beams.has(folder.getName())) {
                reports.add(searches.report());
            }
        }
        Checks.exit(reports);
    }

    private static RuntimeOpener opener(File folder, String[] arguments) {
        if (arguments.length == 1) {
            return BundleTest::jvm;
        }
        return (manifest, reader) ->
                new ModelProcess(arguments[1], arguments[2], folder.getPath());
    }

    /** Looked up by name, so that this file compiles without ONNX Runtime. */
    private static ModelRuntime jvm(Manifest manifest, BundleReader reader) {
        try {
            return (ModelRuntime) Class.forName("io.github.rnntoolkit.onnx.OnnxRuntimeModel")
                    .getMethod("open", Manifest.class, BundleReader.class)
                    .invoke(null, manifest, reader);
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException("ONNX Runtime for the JVM cannot be used.", error);
        }
    }

    private static void searched(Bundle bundle, List<JsonObject> cases, Checks checks) {
        for (JsonObject each : cases) {
            String where = "\"" + each.string("text") + "\" " + each.object("options").names();
            List<JsonObject> answers = each.objects("answers");
            if (bundle.task().equals("generation")) {
                TextGenerator generator = bundle.generator();
                List<GeneratedText> found = generator.write(
                        each.string("text"), generation(each.object("options")));
                checks.equal(found.size(), answers.size(), where + " answers");
                for (int place = 0; place < Math.min(found.size(), answers.size()); place++) {
                    GeneratedText one = found.get(place);
                    JsonObject answer = answers.get(place);
                    checks.equal(one.ids(), answer.integers("ids"), where);
                    checks.equal(one.text, answer.string("text"), where);
                    checks.equal(one.ended.toString(), answer.string("ended"), where);
                    checks.close(one.score, answer.number("score"), TOLERANCE, where);
                }
            } else {
                Translator translator = bundle.translator();
                List<Translation.Candidate> found = translator.translate(
                        each.string("text"), translation(each.object("options"))).candidates;
                checks.equal(found.size(), answers.size(), where + " answers");
                for (int place = 0; place < Math.min(found.size(), answers.size()); place++) {
                    Translation.Candidate one = found.get(place);
                    JsonObject answer = answers.get(place);
                    checks.equal(one.text, answer.string("text"), where);
                    checks.equal(one.ended.toString(), answer.string("ended"), where);
                    checks.close(one.score, answer.number("score"), TOLERANCE, where);
                }
            }
        }
    }

    private static GenerationOptions generation(JsonObject given) {
        GenerationOptions options = new GenerationOptions();
        for (String name : given.names()) {
            switch (name) {
                case "beam":
                    options.beam(given.integer(name));
                    break;
                case "n_best":
                    options.nBest(given.integer(name));
                    break;
                case "length":
                    options.length(given.integer(name));
                    break;
                case "length_penalty":
                    options.lengthPenalty(given.number(name));
                    break;
                case "no_repeat_ngram":
                    options.noRepeatNgram(given.integer(name));
                    break;
                case "repetition_penalty":
                    options.repetitionPenalty(given.number(name));
                    break;
                case "min_length":
                    options.minLength(given.integer(name));
                    break;
                default:
                    throw new IllegalArgumentException("option " + name);
            }
        }
        return options;
    }

    private static TranslationOptions translation(JsonObject given) {
        TranslationOptions options = new TranslationOptions();
        for (String name : given.names()) {
            switch (name) {
                case "beam":
                    options.beam(given.integer(name));
                    break;
                case "n_best":
                    options.nBest(given.integer(name));
                    break;
                case "length_penalty":
                    options.lengthPenalty(given.number(name));
                    break;
                case "coverage_penalty":
                    options.coveragePenalty(given.number(name));
                    break;
                case "no_repeat_ngram":
                    options.noRepeatNgram(given.integer(name));
                    break;
                case "min_length":
                    options.minLength(given.integer(name));
                    break;
                default:
                    throw new IllegalArgumentException("option " + name);
            }
        }
        return options;
    }
}
