package io.github.rnntoolkit.text;

import io.github.rnntoolkit.BundleException;
import io.github.rnntoolkit.json.JsonObject;
import io.github.rnntoolkit.pattern.TokenPattern;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The "pre_tokenizer" of a tokenizer.json: cuts a clean text into pieces. */
abstract class PreTokenizer {
    /** Adds the pieces of a piece, none of them empty. */
    abstract void cut(String piece, List<String> pieces);

    /** Reads the part; BundleException where it is of an unknown type. */
    static PreTokenizer read(JsonObject part) {
        String type = part.string("type");
        switch (type) {
            case "Sequence":
                List<PreTokenizer> steps = new ArrayList<>();
                for (JsonObject step : part.objects("pretokenizers")) {
                    steps.add(read(step));
                }
                return new InOrder(steps);
            case "Split":
                return split(part);
            case "ByteLevel":
                return byteLevel(part);
            default:
                throw TokenizerParts.unknown(part, type, "Sequence, Split, ByteLevel");
        }
    }

    private static PreTokenizer split(JsonObject part) {
        TokenPattern pattern = TokenizerParts.pattern(part);
        String behavior = part.string("behavior");
        switch (behavior) {
            case "Isolated":
                return new Split(pattern, true, true);
            case "Removed":
                boolean invert = part.flag("invert");
                return new Split(pattern, invert, !invert);
            default:
                throw new BundleException(
                        part.where() + " has the behavior " + behavior + ", which this client "
                                + "does not know (it knows Isolated and Removed). "
                                + "Use a newer client.");
        }
    }

    private static PreTokenizer byteLevel(JsonObject part) {
        List<PreTokenizer> steps = new ArrayList<>();
        if (part.flag("add_prefix_space")) {
            steps.add(new SpaceBefore());
        }
        if (part.flag("use_regex", true)) {
            TokenPattern pattern = TokenPattern.regularExpression(ByteLevel.PIECES);
            steps.add(new Split(pattern, true, true));
        }
        steps.add(new Bytes());
        return new InOrder(steps);
    }

    private static final class InOrder extends PreTokenizer {
        private final List<PreTokenizer> steps;

        InOrder(List<PreTokenizer> steps) {
            this.steps = steps;
        }

        @Override
        void cut(String piece, List<String> pieces) {
            List<String> given = Collections.singletonList(piece);
            for (PreTokenizer step : steps) {
                List<String> found = new ArrayList<>();
                for (String each : given) {
                    step.cut(each, found);
                }
                given = found;
            }
            pieces.addAll(given);
        }
    }

    private static final class Split extends PreTokenizer {
        private final TokenPattern pattern;
        private final boolean matches;
        private final boolean others;

        Split(TokenPattern pattern, boolean matches, boolean others) {
            this.pattern = pattern;
            this.matches = matches;
            this.others = others;
        }

        @Override
        void cut(String piece, List<String> pieces) {
            pattern.visit(piece, (begin, end, matched) -> {
                if (matched ? matches : others) {
                    pieces.add(piece.substring(begin, end));
                }
            });
        }
    }

    private static final class SpaceBefore extends PreTokenizer {
        @Override
        void cut(String piece, List<String> pieces) {
            pieces.add(piece.startsWith(" ") ? piece : " " + piece);
        }
    }

    private static final class Bytes extends PreTokenizer {
        @Override
        void cut(String piece, List<String> pieces) {
            pieces.add(ByteLevel.letters(piece));
        }
    }
}
