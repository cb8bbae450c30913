import io.github.rnntoolkit.pattern.TokenPattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The small engine for regular expressions against the platform's, on short random texts. */
final class PatternTest {
    private static final int TEXTS = 3000;
    private static final int SEED = 11;
    private static final String[] EXPRESSIONS = {
        "a", "ab|a", "a|ab", "a+b", "a?ab", "(?:ab|a)(?:b|c)?c", "a+(?:'a+)*|[^ ]",
        "(?:a|ab)+c", "(?:a|b)*c", " +(?! )| +", " ?a+| ?[bc]+|\\s+(?!\\S)|\\s+", ".", "[\\s\\S]",
        "[^a-b']+", "[\\-a\\]]+", "(?=a)a.|b", "a+ab", "a*b?c", "(?:a+b?)+c", "((a)|b)c",
        "\\p{L}+", "\\p{N}+|[^\\p{N} ]", "[\\p{L}']+", "'(?:s|t|re)", "\\P{L}", "<[/!]?[a-c][^<>]*>",
        "\uD83D\uDE00+a|[\uD83D\uDE00-\uD83D\uDE02]", "\\.|\\\\|\\[",
        "a*aab", "[ab]*abb", "(?:ab?)*abab", "[ac]+", "[^ac]+", "[a-ac-ce]",
    };
    private static final String[] LETTERS = {
        "a", "a", "b", "b", "c", "'", " ", " ", "\n", "s", "r", "e", "7", "-", "]", "[", "<", ">", "/",
        "\u00E9", "\u4E00", "\uD83D\uDE00", "\uD83D\uDE01", ".", "\\", "\u00A0",
    };

    private PatternTest() {}

    public static void main(String[] arguments) {
        Checks checks = new Checks("regular expressions");
        for (String expression : EXPRESSIONS) {
            TokenPattern own = TokenPattern.regularExpression(expression);
            Pattern platform = Pattern.compile(
                    expression, Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNIX_LINES);
            Random random = new Random(SEED);
            for (int number = 0; number < TEXTS; number++) {
                String text = text(random);
                checks.equal(found(own, text), found(platform, text), expression + " in " + text);
            }
        }
        Checks.exit(Arrays.asList(checks.report()));
    }

    private static String text(Random random) {
        StringBuilder built = new StringBuilder();
        // Few kinds of letters in one text, so that repetitions and near misses are common.
        int kinds = 1 + random.nextInt(LETTERS.length);
        int begin = random.nextInt(LETTERS.length);
        for (int left = random.nextInt(14); left > 0; left--) {
            built.append(LETTERS[(begin + random.nextInt(kinds)) % LETTERS.length]);
        }
        return built.toString();
    }

    private static List<String> found(TokenPattern pattern, String text) {
        List<String> found = new ArrayList<>();
        int[] known = {0};
        pattern.visit(text, (begin, end, matched) -> {
            if (begin != known[0] || end <= begin) {
                found.add("a gap before " + begin);
            }
            known[0] = end;
            if (matched) {
                found.add(begin + "-" + end);
            }
        });
        if (known[0] != text.length()) {
            found.add("the end is missing");
        }
        return found;
    }

    private static List<String> found(Pattern pattern, String text) {
        List<String> found = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.start() + "-" + matcher.end());
        }
        return found;
    }
}
