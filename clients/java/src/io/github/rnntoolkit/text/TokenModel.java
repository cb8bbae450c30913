package io.github.rnntoolkit.text;

import io.github.rnntoolkit.json.JsonObject;

/** The "model" of a tokenizer.json: pieces to ids. */
abstract class TokenModel {
    final Vocabulary vocabulary;

    TokenModel(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Adds the ids of one piece. */
    abstract void addIds(String piece, IdList ids);

    /** Reads the part; BundleException where it is of an unknown type. */
    static TokenModel read(JsonObject part) {
        String type = part.string("type");
        switch (type) {
            case "WordLevel":
                return new WordLevel(part);
            case "WordPiece":
                return new WordPiece(part);
            case "BPE":
                return new BytePairs(part);
            default:
                throw TokenizerParts.unknown(part, type, "WordLevel, WordPiece, BPE");
        }
    }

    /** A piece is a token, or unknown. */
    private static final class WordLevel extends TokenModel {
        private final int unknownId;

        WordLevel(JsonObject part) {
            super(new Vocabulary(part.object("vocab")));
            unknownId = vocabulary.requiredId(part.string("unk_token"), part.where());
        }

        @Override
        void addIds(String piece, IdList ids) {
            int id = vocabulary.id(piece);
            ids.add(id == Vocabulary.NONE ? unknownId : id);
        }
    }

    /**
     * A piece is cut from its beginning into the longest tokens there are (Wu et al., 2016).
     *
     * <p>Where the rest begins with no token, the whole piece is unknown.
     */
    private static final class WordPiece extends TokenModel {
        private final int unknownId;
        private final String prefix;
        private final int longestPiece;
        private final int longestToken;

        WordPiece(JsonObject part) {
            super(new Vocabulary(part.object("vocab")));
            unknownId = vocabulary.requiredId(part.string("unk_token"), part.where());
            prefix = part.string("continuing_subword_prefix");
            longestPiece = part.integer("max_input_chars_per_word");
            longestToken = vocabulary.longestToken();
        }

        @Override
        void addIds(String piece, IdList ids) {
            int before = ids.size();
            boolean known = piece.codePointCount(0, piece.length()) <= longestPiece;
            int begin = 0;
            while (known && begin < piece.length()) {
                int end = Math.min(piece.length(), begin + longestToken);
                int id = Vocabulary.NONE;
                while (end > begin && id == Vocabulary.NONE) {
                    String part = piece.substring(begin, end);
                    id = vocabulary.id(begin == 0 ? part : prefix + part);
                    end -= id == Vocabulary.NONE ? 1 : 0;
                }
                known = id != Vocabulary.NONE;
                ids.add(id);
                begin = end;
            }
            if (!known) {
                ids.cutTo(before);
                ids.add(unknownId);
            }
        }
    }
}
