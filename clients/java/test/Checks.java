import io.github.rnntoolkit.json.JsonObject;
import io.github.rnntoolkit.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Counts checks and mismatches, prints the first of these, and ends a test program. */
final class Checks {
    private static final int SHOWN = 10;

    private final String what;
    private int checks;
    private int mismatches;

    /** Checks of one kind; `what` is printed before their number. */
    Checks(String what) {
        this.what = what;
    }

    /** One check, with words for what is wrong. */
    void that(boolean right, String where) {
        checks++;
        if (!right && mismatches++ < SHOWN) {
            System.out.println("  mismatch: " + where);
        }
    }

    void equal(Object found, Object expected, String where) {
        that(expected.equals(found), where + ": " + found + " instead of " + expected);
    }

    void equal(int[] found, int[] expected, String where) {
        that(Arrays.equals(found, expected),
                where + ": " + Arrays.toString(found) + " instead of "
                        + Arrays.toString(expected));
    }

    /** Two numbers that may differ by a little; of large ones, by that share. */
    void close(double found, double expected, double tolerance, String where) {
        double difference = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
        that(difference <= tolerance, where + ": " + found + " instead of " + expected);
    }

    /** Something that must be refused with a sentence that has some words. */
    void refused(Runnable attempt, String... words) {
        try {
            attempt.run();
            that(false, "nothing was refused, though " + Arrays.toString(words) + " should be");
        } catch (RuntimeException error) {
            String message = String.valueOf(error.getMessage());
            for (String word : words) {
                that(message.contains(word), "\"" + message + "\" does not say: " + word);
            }
        }
    }

    /** Prints the counts; whether there were checks, all of them right. */
    boolean report() {
        System.out.println(what + ": " + checks + " checks, " + mismatches + " mismatches");
        return checks > 0 && mismatches == 0;
    }

    /** Ends the program with status 0 only if every report was good. */
    static void exit(List<Boolean> reports) {
        System.exit(reports.isEmpty() || reports.contains(false) ? 1 : 0);
    }

    static Object json(Path file) throws IOException {
        return JsonReader.read(file.getFileName().toString(), Files.readAllBytes(file));
    }

    static JsonObject object(Path file) throws IOException {
        return JsonObject.of(file.getFileName().toString(), json(file));
    }

    /** The objects of a file with one on each line. */
    static JsonObject[] lines(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        JsonObject[] found = new JsonObject[lines.size()];
        for (int number = 0; number < found.length; number++) {
            String where = file.getFileName() + " line " + (number + 1);
            found[number] = JsonObject.of(where, JsonReader.read(where, lines.get(number)));
        }
        return found;
    }
}
