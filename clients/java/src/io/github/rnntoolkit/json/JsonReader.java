package io.github.rnntoolkit.json;

import io.github.rnntoolkit.BundleException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON (RFC 8259) and nothing looser.
 *
 * <p>Objects become maps in the order of the file, arrays lists, whole numbers Long (BigInteger
 * where they are larger), other numbers Double. Halves of surrogate pairs, which JSON can
 * escape, stay as they are.
 */
public final class JsonReader {
    private static final int DEEPEST = 200;

    private final String name;
    private final String text;
    private int place;
    private int depth;

    private JsonReader(String name, String text) {
        this.name = name;
        this.text = text;
    }

    /**
     * Reads one value from a file's bytes.
     *
     * @param name of the file, for error messages
     * @param bytes in UTF-8
     * @return a Map, List, String, Long, BigInteger, Double, Boolean or null
     * @throws BundleException the bytes are not one JSON value; the message says where
     */
    public static Object read(String name, byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes)).toString();
            return read(name, text);
        } catch (CharacterCodingException error) {
            throw new BundleException(
                    name + " is damaged: it is not UTF-8 text. Copy the bundle again.", error);
        }
    }

    /**
     * Reads one value from a text.
     *
     * @param name what the text is called in error messages
     * @param text the JSON
     * @return see {@link #read(String, byte[])}
     * @throws BundleException the text is not one JSON value; the message says where
     */
    public static Object read(String name, String text) {
        JsonReader reader = new JsonReader(name, text);
        Object value = reader.value();
        reader.skipSpace();
        if (reader.place < text.length()) {
            throw reader.damaged("the end was expected");
        }
        return value;
    }

    private Object value() {
        skipSpace();
        if (place == text.length()) {
            throw damaged("a value was expected, but the text ends");
        }
        char first = text.charAt(place);
        switch (first) {
            case '{':
                return object();
            case '[':
                return array();
            case '"':
                return string();
            case 't':
                return word("true", Boolean.TRUE);
            case 'f':
                return word("false", Boolean.FALSE);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, Object> object() {
        Map<String, Object> found = new LinkedHashMap<>();
        enter();
        if (!taken('}')) {
            do {
                skipSpace();
                if (place == text.length() || text.charAt(place) != '"') {
                    throw damaged("a name in double quotes was expected");
                }
                String key = string();
                expect(':');
                if (found.containsKey(key)) {
                    throw damaged("the name \"" + key + "\" comes twice");
                }
                found.put(key, value());
            } while (taken(','));
            expect('}');
        }
        depth--;
        return found;
    }

    private List<Object> array() {
        List<Object> found = new ArrayList<>();
        enter();
        if (!taken(']')) {
            do {
                found.add(value());
            } while (taken(','));
            expect(']');
        }
        depth--;
        return found;
    }

    private void enter() {
        // A limit in place of the stack's own, which would end the app.
        if (++depth > DEEPEST) {
            throw damaged("more than " + DEEPEST + " brackets are open");
        }
        place++;
    }

    private String string() {
        int begin = ++place;
        StringBuilder built = null; // most strings have no escapes
        while (place < text.length()) {
            char next = text.charAt(place);
            if (next == '"') {
                String rest = text.substring(begin, place++);
                return built == null ? rest : built.append(rest).toString();
            }
            if (next < ' ') {
                throw damaged("a control character must be escaped");
            }
            if (next == '\\') {
                built = built == null ? new StringBuilder() : built;
                built.append(text, begin, place).append(escaped());
                begin = place;
            } else {
                place++;
            }
        }
        throw damaged("a string is not closed");
    }

    private char escaped() {
        if (place + 1 >= text.length()) {
            throw damaged("a string is not closed");
        }
        char kind = text.charAt(place + 1);
        int simple = "\"\\/bfnrt".indexOf(kind);
        if (simple >= 0) {
            place += 2;
            return "\"\\/\b\f\n\r\t".charAt(simple);
        }
        if (kind != 'u' || place + 6 > text.length()) {
            throw damaged("\\" + kind + " is no escape");
        }
        int code = 0;
        for (int digit = place + 2; digit < place + 6; digit++) {
            int worth = "0123456789abcdef".indexOf(Character.toLowerCase(text.charAt(digit)));
            if (worth < 0) {
                throw damaged("\\u must be followed by four hexadecimal digits");
            }
            code = 16 * code + worth;
        }
        place += 6;
        return (char) code;
    }

    private Object number() {
        int begin = place;
        skip('-');
        int whole = place;
        int digits = skipDigits();
        boolean fraction = skip('.');
        boolean wrong = digits == 0 || digits > 1 && text.charAt(whole) == '0';
        wrong |= fraction && skipDigits() == 0;
        boolean exponent = skip('e') || skip('E');
        if (exponent && !skip('-')) {
            skip('+');
        }
        wrong |= exponent && skipDigits() == 0;
        String found = text.substring(begin, place);
        if (wrong) {
            place = begin;
            throw damaged("a value was expected");
        }
        if (fraction || exponent) {
            return Double.valueOf(found);
        }
        BigInteger exact = new BigInteger(found);
        if (exact.bitLength() < Long.SIZE) {
            return exact.longValue();
        }
        return exact;
    }

    private Object word(String word, Object meaning) {
        if (!text.startsWith(word, place)) {
            throw damaged("a value was expected");
        }
        place += word.length();
        return meaning;
    }

    private int skipDigits() {
        int begin = place;
        while (place < text.length() && text.charAt(place) >= '0' && text.charAt(place) <= '9') {
            place++;
        }
        return place - begin;
    }

    private boolean skip(char wanted) {
        boolean there = place < text.length() && text.charAt(place) == wanted;
        if (there) {
            place++;
        }
        return there;
    }

    private boolean taken(char wanted) {
        skipSpace();
        return skip(wanted);
    }

    private void expect(char wanted) {
        if (!taken(wanted)) {
            throw damaged("'" + wanted + "' was expected");
        }
    }

    private void skipSpace() {
        while (place < text.length() && " \t\n\r".indexOf(text.charAt(place)) >= 0) {
            place++;
        }
    }

    private BundleException damaged(String reason) {
        int line = 1;
        int begin = 0;
        for (int index = 0; index < place && index < text.length(); index++) {
            if (text.charAt(index) == '\n') {
                line++;
                begin = index + 1;
            }
        }
        return new BundleException(
                name + " is damaged at line " + line + ", column " + (place - begin + 1) + ": "
                        + reason + ". Copy the bundle again.");
    }
}
