package io.github.rnntoolkit.text;

/**
 * Bytes to text, with U+FFFD for what is no UTF-8.
 *
 * <p>Written out because decoders differ in how many U+FFFD they put for a broken sequence; this
 * one puts one for the longest beginning of a character, as the Unicode Standard recommends
 * (section 3.9) and Python and the tokenizers library do.
 */
final class Utf8 {
    private Utf8() {}

    /** The text of bytes. */
    static String decode(byte[] bytes) {
        StringBuilder built = new StringBuilder(bytes.length);
        int place = 0;
        while (place < bytes.length) {
            int first = bytes[place++] & 0xFF;
            int rest = following(first);
            if (rest == 0) {
                built.append(first < 0x80 ? (char) first : PlainText.HALF_CHARACTER);
                continue;
            }
            int point = first & 0x3F >> rest;
            int low = lowestSecond(first);
            int high = highestSecond(first);
            int missing = rest;
            while (missing > 0 && place < bytes.length) {
                int next = bytes[place] & 0xFF;
                if (next < low || next > high) {
                    break;
                }
                point = point << 6 | next & 0x3F;
                low = 0x80;
                high = 0xBF;
                place++;
                missing--;
            }
            built.appendCodePoint(missing == 0 ? point : PlainText.HALF_CHARACTER);
        }
        return built.toString();
    }

    /** How many bytes follow a first one; 0 where it stands alone or is none. */
    private static int following(int first) {
        if (first >= 0xC2 && first <= 0xDF) {
            return 1;
        }
        if (first >= 0xE0 && first <= 0xEF) {
            return 2;
        }
        return first >= 0xF0 && first <= 0xF4 ? 3 : 0;
    }

    // The second byte is bounded further, against overlong forms, surrogates and what lies
    // beyond U+10FFFF.
    private static int lowestSecond(int first) {
        return first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    }

    private static int highestSecond(int first) {
        return first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    }
}
