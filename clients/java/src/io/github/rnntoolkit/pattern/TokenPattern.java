package io.github.rnntoolkit.pattern;

import io.github.rnntoolkit.BundleException;

/**
 * A regular expression of a tokenizer.json, or a literal text, and its matches.
 *
 * <p>This is a small engine of its own, for two reasons. java.util.regex overflows the stack on
 * repeated groups over long texts; and on Android it is another program than on a computer, so
 * that a test of the one says nothing of the other. Here a match is the leftmost one, and of
 * those the one that a backtracking engine finds first, as Oniguruma does for the tokenizers
 * library.
 */
public final class TokenPattern {
    private final String literal; // null for a regular expression
    private final Program program; // null for a literal

    private TokenPattern(String literal, Program program) {
        this.literal = literal;
        this.program = program;
    }

    /**
     * A pattern that matches one text.
     *
     * @param text at least one character
     * @return the pattern
     * @throws BundleException the text is empty
     */
    public static TokenPattern literal(String text) {
        if (text.isEmpty()) {
            throw new BundleException(
                    "A pattern of the tokenizer is empty. Export the model again.");
        }
        return new TokenPattern(text, null);
    }

    /**
     * A pattern that is a regular expression: literals and their escapes, classes, groups,
     * choices, ?, *, +, looking ahead, \s, \S, \p{L} and \p{N}.
     *
     * @param expression as in tokenizer.json
     * @return the pattern
     * @throws BundleException the expression holds something else, or matches nothing at all
     */
    public static TokenPattern regularExpression(String expression) {
        if (PatternParser.parse(expression).matchesNothing()) {
            throw new BundleException(
                    "A regular expression of the tokenizer matches even nothing, which this "
                            + "client does not know. Use a newer client.");
        }
        return new TokenPattern(null, Program.of(expression));
    }

    /** Is told what a text is made of. */
    public interface Visitor {
        /**
         * A part of the text.
         *
         * @param begin of the part
         * @param end of the part, after begin
         * @param matched whether the pattern matched it; otherwise it lies between matches
         */
        void part(int begin, int end, boolean matched);
    }

    /**
     * Goes through a text from its beginning to its end.
     *
     * @param text any text without lone surrogates
     * @param visitor told of every match, and of what lies between them
     */
    public void visit(String text, Visitor visitor) {
        PatternMatcher matcher = literal == null ? new PatternMatcher(program, text) : null;
        int known = 0;
        int place = 0;
        while (place < text.length()) {
            int end = -1;
            if (matcher == null) {
                place = text.indexOf(literal, place);
                if (place < 0) {
                    break;
                }
                end = place + literal.length();
            } else {
                end = matcher.match(place);
            }
            if (end < 0) {
                place = text.offsetByCodePoints(place, 1);
                continue;
            }
            if (known < place) {
                visitor.part(known, place, false);
            }
            visitor.part(place, end, true);
            known = end;
            place = end;
        }
        if (known < text.length()) {
            visitor.part(known, text.length(), false);
        }
    }

    /**
     * A text with every match replaced.
     *
     * @param text any text without lone surrogates
     * @param replacement what stands in place of each match
     * @return the new text
     */
    public String replace(String text, String replacement) {
        StringBuilder built = new StringBuilder(text.length());
        visit(text, (begin, end, matched) -> {
            if (matched) {
                built.append(replacement);
            } else {
                built.append(text, begin, end);
            }
        });
        return built.toString();
    }
}
