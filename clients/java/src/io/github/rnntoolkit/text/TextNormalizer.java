package io.github.rnntoolkit.text;

import io.github.rnntoolkit.json.JsonObject;
import io.github.rnntoolkit.pattern.CodePointSet;
import io.github.rnntoolkit.pattern.TokenPattern;
import java.util.ArrayList;
import java.util.List;

/** The "normalizer" of a tokenizer.json: cleans a text before it is cut. */
abstract class TextNormalizer {
    /** The clean text. */
    abstract String normalize(String text);

    /** Reads the part; BundleException where it is of an unknown type. */
    static TextNormalizer read(JsonObject part) {
        String type = part.string("type");
        switch (type) {
            case "Sequence":
                return new InOrder(part.objects("normalizers"));
            case "Replace":
                return new Replace(TokenizerParts.pattern(part), part.string("content"));
            case "NFC":
                return new Compose();
            case "Lowercase":
                return new Lowercase();
            case "Strip":
                return new Strip(part.flag("strip_left"), part.flag("strip_right"));
            default:
                throw TokenizerParts.unknown(
                        part, type, "Sequence, Replace, NFC, Lowercase, Strip");
        }
    }

    private static final class InOrder extends TextNormalizer {
        private final List<TextNormalizer> steps = new ArrayList<>();

        InOrder(List<JsonObject> parts) {
            for (JsonObject part : parts) {
                steps.add(read(part));
            }
        }

        @Override
        String normalize(String text) {
            String clean = text;
            for (TextNormalizer step : steps) {
                clean = step.normalize(clean);
            }
            return clean;
        }
    }

    private static final class Replace extends TextNormalizer {
        private final TokenPattern pattern;
        private final String content;

        Replace(TokenPattern pattern, String content) {
            this.pattern = pattern;
            this.content = content;
        }

        @Override
        String normalize(String text) {
            return pattern.replace(text, content);
        }
    }

    private static final class Compose extends TextNormalizer {
        @Override
        String normalize(String text) {
            return PlainText.composed(text);
        }
    }

    /**
     * Lower-cases each character by itself, as the tokenizers library does. String.toLowerCase
     * looks at a capital sigma's neighbours, and would depend on the platform there.
     */
    private static final class Lowercase extends TextNormalizer {
        private static final int CAPITAL_I_WITH_DOT = 0x130; // the only one that becomes two

        @Override
        String normalize(String text) {
            StringBuilder built = new StringBuilder(text.length());
            int place = 0;
            while (place < text.length()) {
                int point = text.codePointAt(place);
                place += Character.charCount(point);
                if (point == CAPITAL_I_WITH_DOT) {
                    built.append("i\u0307");
                } else {
                    built.appendCodePoint(Character.toLowerCase(point));
                }
            }
            return built.toString();
        }
    }

    private static final class Strip extends TextNormalizer {
        private final boolean left;
        private final boolean right;

        Strip(boolean left, boolean right) {
            this.left = left;
            this.right = right;
        }

        @Override
        String normalize(String text) {
            return PlainText.strip(text, CodePointSet.WHITE_SPACE, left, right);
        }
    }
}
