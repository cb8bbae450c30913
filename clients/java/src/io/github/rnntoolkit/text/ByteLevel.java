package io.github.rnntoolkit.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes written as visible letters, so that any text can be cut into tokens (Radford et al., 2019).
 *
 * <p>A byte that is a visible character of Latin-1 is that character; the others are U+0100 and
 * what follows, in order.
 */
final class ByteLevel {
    /** The pieces that a ByteLevel pre-tokenizer with use_regex cuts. */
    static final String PIECES =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private static final char FIRST_SPARE = 0x100;
    private static final char[] LETTERS = new char[256];
    private static final int[] BYTES = new int[2 * 256]; // by letter; -1 for none

    static {
        Arrays.fill(BYTES, -1);
        char spare = FIRST_SPARE;
        for (int value = 0; value < LETTERS.length; value++) {
            boolean visible = value >= '!' && value <= '~' || value >= 0xA1 && value != 0xAD;
            LETTERS[value] = visible ? (char) value : spare++;
            BYTES[LETTERS[value]] = value;
        }
    }

    private ByteLevel() {}

    /** The UTF-8 bytes of a text without lone surrogates, as letters. */
    static String letters(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        char[] letters = new char[bytes.length];
        for (int place = 0; place < bytes.length; place++) {
            letters[place] = LETTERS[bytes[place] & 0xFF];
        }
        return new String(letters);
    }

    /** Adds the bytes that a token stands for; one with other letters stands for itself. */
    static void addBytes(String token, ByteArrayOutputStream bytes) {
        for (int place = 0; place < token.length(); place++) {
            char letter = token.charAt(place);
            if (letter >= BYTES.length || BYTES[letter] < 0) {
                byte[] own = token.getBytes(StandardCharsets.UTF_8);
                bytes.write(own, 0, own.length);
                return;
            }
        }
        for (int place = 0; place < token.length(); place++) {
            bytes.write(BYTES[token.charAt(place)]);
        }
    }
}
