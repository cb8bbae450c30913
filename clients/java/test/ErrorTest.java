import io.github.rnntoolkit.Bundle;
import io.github.rnntoolkit.BundleReader;
import io.github.rnntoolkit.GenerationOptions;
import io.github.rnntoolkit.ModelRuntime;
import io.github.rnntoolkit.Tensor;
import io.github.rnntoolkit.TranslationOptions;
import io.github.rnntoolkit.json.JsonReader;
import io.github.rnntoolkit.text.TokenizerPipeline;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** What must be refused, each in one clear sentence: ErrorTest VECTORS. */
final class ErrorTest {
    private static final String TOKENIZER = "{\"added_tokens\": [], \"normalizer\": null, "
            + "\"pre_tokenizer\": null, \"decoder\": null, \"model\": {\"type\": \"WordLevel\", "
            + "\"vocab\": {\"[PAD]\": 0, \"[UNK]\": 1}, \"unk_token\": \"[UNK]\"}}";

    private final Path bundles;

    private ErrorTest(Path bundles) {
        this.bundles = bundles;
    }

    public static void main(String[] arguments) {
        ErrorTest test = new ErrorTest(Paths.get(arguments[0]).resolve("bundles"));
        Checks.exit(Arrays.asList(
                test.bundles(), test.tokenizers(), test.json(), test.options(), test.answers()));
    }

    /** A bundle with something replaced in one file; null removes the file. */
    private Bundle load(String name, String file, String old, String replacement) {
        BundleReader reader = asked -> {
            if (asked.equals(file) && replacement == null) {
                throw new FileNotFoundException(asked);
            }
            byte[] bytes = Files.readAllBytes(bundles.resolve(name).resolve(asked));
            if (!asked.equals(file)) {
                return bytes;
            }
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (!text.contains(old)) {
                throw new IOException("the test is out of date: no " + old);
            }
            return text.replace(old, replacement).getBytes(StandardCharsets.UTF_8);
        };
        return Bundle.load(reader, (manifest, files) -> (signature, inputs) ->
                Collections.emptyMap());
    }

    private Bundle load(String name) {
        return load(name, "manifest.json", "", "");
    }

    private boolean bundles() {
        Checks checks = new Checks("bundles that are refused");
        String manifest = "manifest.json";
        String version = "\"format_version\": 2";
        checks.refused(() -> load("sentiment-word", manifest, "", null), manifest, "Copy");
        checks.refused(
                () -> load("sentiment-word", manifest, version, "\"format_version\": 3"),
                "format version 3", "up to version 2", "Use a newer client");
        checks.refused(
                () -> load("sentiment-word", manifest, version, "\"format_version\": \"2\""),
                "format_version must be a whole number");
        checks.refused(
                () -> load("sentiment-word", manifest, "\"task\": \"sentiment\"",
                        "\"task\": \"tagging\""),
                "tagging", "sentiment, generation, translation");
        checks.refused(
                () -> load("sentiment-word", manifest, "\"task\"", "\"task"),
                "manifest.json is damaged at line");
        checks.refused(
                () -> load("sentiment-word", manifest, "\"labels\"", "\"names\"").classifier(),
                "labels must be a list, but is missing");
        checks.refused(
                () -> load("sentiment-word", "tokenizer.json", "", null).classifier(),
                "tokenizer.json", "Copy all files");
        checks.refused(
                () -> load("sentiment-word").generator(),
                "a sentiment bundle, not one for generation");
        checks.refused(
                () -> load("generation-char", manifest, "\"byte_level\": false",
                        "\"byte_level\": 0").generator(),
                "manifest.json: tokenizer.byte_level must be true or false, but is 0");
        return checks.report();
    }

    private static void read(String old, String replacement) {
        String changed = TOKENIZER.replace(old, replacement);
        new TokenizerPipeline("tokenizer.json", changed.getBytes(StandardCharsets.UTF_8));
    }

    private boolean tokenizers() {
        Checks checks = new Checks("tokenizers that are refused");
        read("", "");
        String none = "\"normalizer\": null";
        String uncut = "\"pre_tokenizer\": null";
        checks.refused(() -> read(none, "\"normalizer\": {\"type\": \"NFKC\"}"), "NFKC", "newer");
        checks.refused(() -> read(none, "\"normalizer\": {}"), "normalizer.type must be a string");
        checks.refused(
                () -> read(uncut, "\"pre_tokenizer\": {\"type\": \"Metaspace\"}"), "Metaspace");
        checks.refused(() -> read("WordLevel", "Unigram"), "Unigram", "WordLevel, WordPiece, BPE");
        checks.refused(
                () -> read("\"decoder\": null", "\"decoder\": {\"type\": \"CTC\"}"), "CTC");
        checks.refused(() -> read("\"added_tokens\": []", "\"added_tokens\": [1]"), "added_tokens");
        checks.refused(
                () -> read("\"decoder\"", "\"padding\": {\"a\": 1}, \"decoder\""), "sets padding");
        checks.refused(() -> read("\"[UNK]\": 1", "\"[UNK]\": 2"), "number its tokens 0 to 1");
        checks.refused(
                () -> read("\"unk_token\": \"[UNK]\"", "\"unk_token\": \"?\""), "the token \"?\"");
        checks.refused(() -> read("\"type\": \"WordLevel\"",
                "\"type\": \"BPE\", \"dropout\": 0.1, \"merges\": []"), "dropout");
        checks.refused(() -> read("\"type\": \"WordLevel\"",
                "\"type\": \"BPE\", \"merges\": [\"a b c\"]"), "merges[0] must be two tokens");
        String split = "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"%s\"}, "
                + "\"behavior\": \"%s\", \"invert\": false}";
        checks.refused(
                () -> read(uncut, String.format(split, "a", "MergedWithNext")), "MergedWithNext");
        String[] unknown = {"\\\\w", "\\\\p{Lu}", "a{2}", "a*?", "a++", "^a", "a$", "(?<=a)b", "(a",
            "a)", "[a", "[]", "[a&&b]", "[[a]b]", "a*", "(?:a?)*", "[z-a]", "\\\\", "*", "(?i)a"};
        for (String expression : unknown) {
            checks.refused(
                    () -> read(uncut, String.format(split, expression, "Isolated")),
                    "regular expression", "newer client");
        }
        return checks.report();
    }

    private boolean json() {
        Checks checks = new Checks("JSON");
        String[] damaged = {"", " ", "{", "[", "[1,]", "[1 2]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}",
            "01", "-", "1.", ".5", "1e", "+1", "NaN", "nul", "tru", "\"a", "\"\\x\"", "\"\\u12\"",
            "\"\\u12g4\"", "\"a\nb\"", "1 2", "{\"a\":1,\"a\":2}", "\uFEFF1", "'a'", "[1]]", "\"\\"};
        for (String text : damaged) {
            checks.refused(() -> JsonReader.read("x.json", text), "x.json is damaged at line");
        }
        char[] deep = new char[1_000_000];
        Arrays.fill(deep, '[');
        checks.refused(() -> JsonReader.read("x.json", new String(deep)), "brackets are open");
        checks.refused(() -> JsonReader.read("x.json", "[1,\n  x]"), "line 2, column 3");
        checks.refused(() -> JsonReader.read("x.json", new byte[] {'"', -1, '"'}), "not UTF-8");
        Object found = JsonReader.read("x.json",
                "\t{\"a\\u00e9\\n\\/\\ud83d\": [1, -0, 2.5, -1e2, 1E+2, true, false, null, {}, []]}\r\n");
        List<Object> values = new ArrayList<>(Arrays.<Object>asList(
                1L, 0L, 2.5, -100.0, 100.0, true, false, null));
        values.add(Collections.emptyMap());
        values.add(Collections.emptyList());
        checks.equal(found, Collections.singletonMap("a\u00e9\n/\ud83d", values), "values");
        checks.equal(JsonReader.read("x.json", "9223372036854775807"), Long.MAX_VALUE, "largest");
        return checks.report();
    }

    private boolean options() {
        Checks checks = new Checks("options that are refused");
        GenerationOptions generation = new GenerationOptions();
        TranslationOptions translation = new TranslationOptions();
        checks.refused(() -> generation.length(0), "length", "at least 1");
        checks.refused(() -> generation.temperature(-1), "temperature");
        checks.refused(() -> generation.temperature(Double.NaN), "temperature");
        checks.refused(() -> generation.topK(-1), "topK");
        checks.refused(() -> generation.topP(0), "topP", "above 0");
        checks.refused(() -> generation.minP(1.5), "minP");
        checks.refused(() -> generation.typical(2), "typical");
        checks.refused(() -> generation.repetitionPenalty(0.5), "repetitionPenalty");
        checks.refused(() -> generation.seed(-1), "seed");
        checks.refused(() -> generation.stop(""), "stop");
        checks.refused(() -> translation.lengthPenalty(3), "lengthPenalty");
        checks.refused(() -> translation.beam(0), "beam");
        Bundle writer = load("generation-char");
        checks.refused(() -> writer.generator().generate("a", new GenerationOptions().nBest(2)),
                "nBest", "must not exceed beam");
        checks.refused(() -> writer.generator().generate("a", new GenerationOptions()
                .beam(2).temperature(0.5)), "does not draw");
        checks.refused(() -> writer.generator().generate("a", new GenerationOptions()
                .minLength(9).length(5)), "minLength", "which is 5");
        checks.refused(() -> writer.generator().generate("a", new GenerationOptions()
                .lengthPenalty(1)), "only a beam search");
        checks.refused(() -> writer.generator().generate("a", new GenerationOptions()
                .condition("x")), "without a condition");
        Bundle steered = load("generation-whitespace");
        checks.refused(() -> steered.generator().context("a", "no such label"),
                steered.manifest().values.object("tokenizer").object("conditions").names().isEmpty()
                        ? "without a condition" : "Choose from");
        Bundle translator = load("translation-char");
        checks.refused(() -> translator.translator().translate("a", new TranslationOptions()
                .beam(2).nBest(3)), "too narrow");
        return checks.report();
    }

    private boolean answers() {
        Checks checks = new Checks("answers that are refused");
        Bundle silent = load("sentiment-word");
        checks.refused(() -> silent.classifier().predict("a"), "gave no tensor \"probabilities\"");
        ModelRuntime odd = (signature, inputs) -> Collections.singletonMap(
                "probabilities", Tensor.ofFloats(new float[2], 1, 2));
        BundleReader reader = name ->
                Files.readAllBytes(bundles.resolve("sentiment-word").resolve(name));
        Bundle other = Bundle.load(reader, (manifest, files) -> odd);
        checks.refused(() -> other.classifier().predict("a"), "[1, 2] numbers for 1 texts");
        checks.refused(() -> Tensor.ofFloats(new float[2], 3), "cannot hold 2");
        Map<String, Tensor> ints = Collections.singletonMap("a", Tensor.ofInts(new int[1], 1));
        checks.refused(() -> ints.get("a").floats(), "float32");
        return checks.report();
    }
}
