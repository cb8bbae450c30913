package io.github.rnntoolkit.text;

import io.github.rnntoolkit.BundleException;
import io.github.rnntoolkit.json.JsonObject;
import io.github.rnntoolkit.json.JsonReader;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A tokenizer.json (the format of Hugging Face's tokenizers library) at work: a text is
 * normalized, cut into pieces, and each piece becomes ids.
 *
 * <p>The file is followed as it is; a part that is not known here is refused by its name. It
 * can be used by several threads at once.
 */
public final class TokenizerPipeline {
    private final TextNormalizer normalizer; // null for none
    private final PreTokenizer preTokenizer; // null for none
    private final TokenModel model;

    /**
     * Reads a tokenizer.
     *
     * @param name of the file, for error messages
     * @param bytes its content
     * @throws BundleException it is damaged, or holds a part that this client does not know
     */
    public TokenizerPipeline(String name, byte[] bytes) {
        JsonObject file = JsonObject.of(name, JsonReader.read(name, bytes));
        TokenizerParts.mustBeOff(file, "truncation", "padding", "post_processor");
        if (file.has("added_tokens") && !file.list("added_tokens").isEmpty()) {
            throw new BundleException(
                    name + " has added_tokens, which this client does not know. "
                            + "Use a newer client.");
        }
        normalizer = file.has("normalizer") ? TextNormalizer.read(file.object("normalizer")) : null;
        preTokenizer =
                file.has("pre_tokenizer") ? PreTokenizer.read(file.object("pre_tokenizer")) : null;
        model = TokenModel.read(file.object("model"));
        if (file.has("decoder")) {
            JsonObject decoder = file.object("decoder");
            String type = decoder.string("type");
            if (!type.equals("ByteLevel") && !type.equals("Fuse")) {
                throw TokenizerParts.unknown(decoder, type, "ByteLevel, Fuse");
            }
        }
    }

    /**
     * The number of tokens.
     *
     * @return one more than the largest id
     */
    public int vocabularySize() {
        return model.vocabulary.size();
    }

    /**
     * The tokens in the order of their ids.
     *
     * @return a copy
     */
    public String[] vocabulary() {
        return model.vocabulary.tokens();
    }

    /**
     * A text after clean-up, before it is cut.
     *
     * @param text any text
     * @return the clean text; lone surrogates are U+FFFD
     */
    public String normalize(String text) {
        String whole = PlainText.withoutSurrogates(text);
        return normalizer == null ? whole : normalizer.normalize(whole);
    }

    /**
     * The ids of a text, all of them.
     *
     * @param text any text
     * @return the ids; none for a text without tokens
     */
    public int[] encode(String text) {
        String clean = normalize(text);
        IdList ids = new IdList();
        if (clean.isEmpty()) {
            return ids.toArray();
        }
        List<String> pieces = new ArrayList<>();
        if (preTokenizer == null) {
            pieces.add(clean);
        } else {
            preTokenizer.cut(clean, pieces);
        }
        for (String piece : pieces) {
            model.addIds(piece, ids);
        }
        return ids.toArray();
    }

    /**
     * One token.
     *
     * @param id its id
     * @return the token as the file spells it
     * @throws BundleException there is no such id
     */
    String token(int id) {
        return model.vocabulary.token(id);
    }

    /**
     * The text of ids whose tokens are bytes written as letters.
     *
     * @param ids without those that stand for no text
     * @return the text, with U+FFFD for broken characters
     */
    String decodeBytes(List<Integer> ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            ByteLevel.addBytes(token(id), bytes);
        }
        return Utf8.decode(bytes.toByteArray());
    }
}
