package io.github.rnntoolkit.text;

import io.github.rnntoolkit.pattern.CodePointSet;
import java.text.Normalizer;

/** What is done to a text before any tokenizer sees it. */
public final class PlainText {
    /** What stands for a character that is broken, or not yet whole. */
    static final char HALF_CHARACTER = '\uFFFD';

    // Python's str.split and str.strip also know the separators of files, groups and records.
    private static final CodePointSet BETWEEN_WORDS = CodePointSet.ofRanges(
            0x09, 0x0D, 0x1C, 0x20, 0x85, 0x85, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A,
            0x2028, 0x2029, 0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000);

    private PlainText() {}

    /**
     * The text with every half of a surrogate pair replaced by U+FFFD.
     *
     * @param text any text
     * @return a text that every encoding knows
     */
    public static String withoutSurrogates(String text) {
        StringBuilder built = null; // hardly any text has one
        int length = text.length();
        for (int place = 0; place < length; place++) {
            char unit = text.charAt(place);
            if (!Character.isSurrogate(unit)) {
                continue;
            }
            boolean pair = Character.isHighSurrogate(unit) && place + 1 < length
                    && Character.isLowSurrogate(text.charAt(place + 1));
            if (pair) {
                place++;
                continue;
            }
            built = built == null ? new StringBuilder(text) : built;
            built.setCharAt(place, HALF_CHARACTER);
        }
        return built == null ? text : built.toString();
    }

    /**
     * A text as generation reads it: line ends as one character, no lone surrogates.
     *
     * @param text any text
     * @return the prepared text
     */
    public static String prepared(String text) {
        return withoutSurrogates(text).replace("\r\n", "\n").replace('\r', '\n');
    }

    /**
     * A text on one line, composed (NFC), with plain single spaces and none at the ends.
     *
     * @param text any text
     * @return the line; empty when the text holds nothing but white space
     */
    public static String plainLine(String text) {
        String composed = composed(withoutSurrogates(text));
        StringBuilder built = new StringBuilder(composed.length());
        boolean gap = false;
        for (int place = 0; place < composed.length(); place++) {
            char unit = composed.charAt(place);
            if (BETWEEN_WORDS.contains(unit)) {
                gap = built.length() > 0;
                continue;
            }
            if (gap) {
                built.append(' ');
                gap = false;
            }
            built.append(unit);
        }
        return built.toString();
    }

    /**
     * The text without white space at its ends.
     *
     * @param text any text
     * @return what is left; may be empty
     */
    public static String strip(String text) {
        return strip(text, BETWEEN_WORDS, true, true);
    }

    /**
     * Whether a text ends with white space.
     *
     * @param text any text
     * @return false for an empty one
     */
    public static boolean endsWithSpace(String text) {
        return !text.isEmpty() && BETWEEN_WORDS.contains(text.charAt(text.length() - 1));
    }

    static String strip(String text, CodePointSet space, boolean left, boolean right) {
        int begin = 0;
        int end = text.length();
        while (left && begin < end && space.contains(text.charAt(begin))) {
            begin++;
        }
        while (right && begin < end && space.contains(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(begin, end);
    }

    static String withoutHalfCharacterAtEnd(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == HALF_CHARACTER) {
            end--;
        }
        return text.substring(0, end);
    }

    static String composed(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }
}
