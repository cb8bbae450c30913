import io.github.rnntoolkit.json.JsonObject;
import io.github.rnntoolkit.text.GenerationTokenizer;
import io.github.rnntoolkit.text.Tokenizer;
import io.github.rnntoolkit.text.TokenizerPipeline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Ids and texts of random strings and of long ones: TokenizerTest VECTORS MORE.
 *
 * <p>MORE is a file with an object of two lists. "repeated" has {"tokenizer", "part", "times",
 * "count", "checksum"}: how many ids a part has when it is repeated, and their CRC-32 as
 * little-endian numbers of 32 bits. "normalized" has {"tokenizer", "text", "clean"}.
 */
final class TokenizerTest {
    private static final int LONG = 1_000_000; // characters
    private static final int SLOW_SECONDS = 10;
    private static final int UNKNOWN_ID = 1;

    private TokenizerTest() {}

    public static void main(String[] arguments) throws IOException {
        Path fuzz = Paths.get(arguments[0]).resolve("fuzz");
        List<?> strings = (List<?>) Checks.json(fuzz.resolve("strings.json"));
        JsonObject more = Checks.object(Paths.get(arguments[1]));
        List<Boolean> reports = new ArrayList<>();
        for (Path folder : folders(fuzz)) {
            Reader reader = new Reader(folder);
            reports.add(ids(folder, reader, strings));
            if (Files.exists(folder.resolve("decode.json"))) {
                reports.add(texts(folder, reader));
            }
            reports.add(longTexts(folder, reader));
            reports.add(repeated(folder, reader, more.objects("repeated")));
            reports.add(normalized(folder, reader, more.objects("normalized")));
        }
        Checks.exit(reports);
    }

    private static List<Path> folders(Path fuzz) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(fuzz)) {
            all.filter(Files::isDirectory).sorted().forEach(found::add);
        }
        return found;
    }

    private static List<JsonObject> rows(Path file) throws IOException {
        Object rows = Checks.json(file);
        return JsonObject.of(file.getFileName().toString(), Collections.singletonMap("rows", rows))
                .objects("rows");
    }

    /** One of the two readers, as spec.json says. */
    private static final class Reader {
        final Tokenizer classifier; // null for generation
        final GenerationTokenizer generation; // null for a classifier

        Reader(Path folder) throws IOException {
            JsonObject spec = Checks.object(folder.resolve("spec.json"));
            byte[] bytes = Files.readAllBytes(folder.resolve("tokenizer.json"));
            TokenizerPipeline pipeline = new TokenizerPipeline("tokenizer.json", bytes);
            boolean classifies = spec.string("reader").equals("classifier");
            if (classifies) {
                classifier = new Tokenizer(
                        pipeline, UNKNOWN_ID, spec.integer("maximum_length"),
                        spec.integer("head_length"));
                generation = null;
                return;
            }
            int[] conditions = new int[spec.list("conditions").size()];
            for (int place = 0; place < conditions.length; place++) {
                conditions[place] = pipeline.vocabularySize() - conditions.length + place;
            }
            String kind = spec.string("kind");
            classifier = null;
            generation = new GenerationTokenizer(
                    pipeline, kind.equals("whitespace") ? " " : "", kind.equals("subword"),
                    conditions);
        }

        TokenizerPipeline pipeline() {
            return classifier != null ? classifier.pipeline() : generation.pipeline();
        }

        int[] encode(String text) {
            return classifier != null ? classifier.encode(text) : generation.encode(text);
        }
    }

    private static boolean ids(Path folder, Reader reader, List<?> strings) throws IOException {
        Checks checks = new Checks("ids of " + folder.getFileName());
        IntBuffer expected = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("ids.bin")))
                .order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        for (Object string : strings) {
            int[] ids = new int[expected.get()];
            expected.get(ids);
            int[] found = reader.encode((String) string);
            if (Arrays.equals(found, ids)) {
                checks.that(true, "");
            } else {
                checks.equal(found, ids, escaped((String) string));
            }
        }
        checks.equal(expected.remaining(), 0, "ids left over");
        return checks.report();
    }

    private static String escaped(String text) {
        StringBuilder built = new StringBuilder();
        for (char unit : text.toCharArray()) {
            built.append(unit >= ' ' && unit <= '~' ? "" + unit : String.format("\\u%04x", (int) unit));
        }
        return built.toString();
    }

    private static boolean texts(Path folder, Reader reader) throws IOException {
        Checks checks = new Checks("texts of " + folder.getFileName());
        for (JsonObject row : rows(folder.resolve("decode.json"))) {
            String found = reader.generation.decode(row.integers("ids"));
            checks.equal(found, row.string("text"), "ids " + row.list("ids"));
        }
        return checks.report();
    }

    /** Neither the stack nor the time may run out. */
    private static boolean longTexts(Path folder, Reader reader) {
        Checks checks = new Checks("long texts of " + folder.getFileName());
        String[] parts = {"a", "'a", "a'", "<a", "<", "&lt;", " ", " a", "\uD83D\uDE00", "\u4E00",
            "e\u0301", "\n", "\r\n", "\uD83D", "1", "."};
        for (String part : parts) {
            StringBuilder text = new StringBuilder();
            while (text.length() < LONG) {
                text.append(part);
            }
            long began = System.nanoTime();
            int[] ids = reader.encode(text.toString());
            double seconds = (System.nanoTime() - began) / 1e9;
            checks.that(seconds < SLOW_SECONDS, escaped(part) + " took " + seconds + " s");
            checks.that(ids.length > 0 || reader.generation != null, escaped(part) + " has no ids");
        }
        return checks.report();
    }

    private static boolean repeated(Path folder, Reader reader, List<JsonObject> rows) {
        Checks checks = new Checks("repeated texts of " + folder.getFileName());
        for (JsonObject row : rows) {
            if (!row.string("tokenizer").equals(folder.getFileName().toString())) {
                continue;
            }
            String part = row.string("part");
            StringBuilder text = new StringBuilder();
            for (int times = row.integer("times"); times > 0; times--) {
                text.append(part);
            }
            int[] ids = reader.pipeline().encode(text.toString());
            ByteBuffer bytes = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(ids);
            CRC32 checksum = new CRC32();
            checksum.update(bytes);
            checks.equal(ids.length, row.integer("count"), escaped(part) + " count");
            checks.equal((double) checksum.getValue(), row.number("checksum"), escaped(part));
        }
        return checks.report();
    }

    private static boolean normalized(Path folder, Reader reader, List<JsonObject> rows) {
        Checks checks = new Checks("clean texts of " + folder.getFileName());
        for (JsonObject row : rows) {
            if (row.string("tokenizer").equals(folder.getFileName().toString())) {
                String clean = reader.pipeline().normalize(row.string("text"));
                checks.equal(clean, row.string("clean"), escaped(row.string("text")));
            }
        }
        return checks.report();
    }
}
