package io.github.rnntoolkit.text;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Texts to ids, and ids back to the same text. */
public final class GenerationTokenizer {
    private static final int FIRST_ORDINARY_ID = 4;

    private final TokenizerPipeline pipeline;
    private final String joins;
    private final boolean byteLevel;
    private final Set<Integer> special = new HashSet<>();

    /**
     * A tokenizer of a bundle.
     *
     * <p>Ids 0 to 3 are padding, unknown, begin and end, and stand for no text.
     *
     * @param pipeline the tokenizer.json
     * @param joins what stands between two tokens in a text: nothing, or a space
     * @param byteLevel whether a token is a run of bytes and may hold half a character
     * @param conditionIds ids of labels, which stand for no text either
     */
    public GenerationTokenizer(
            TokenizerPipeline pipeline, String joins, boolean byteLevel, int... conditionIds) {
        this.pipeline = pipeline;
        this.joins = joins;
        this.byteLevel = byteLevel;
        for (int id = 0; id < FIRST_ORDINARY_ID; id++) {
            special.add(id);
        }
        for (int id : conditionIds) {
            special.add(id);
        }
    }

    /**
     * The ids of a text, without begin and end.
     *
     * @param text any text
     * @return the ids; none for an empty text
     */
    public int[] encode(String text) {
        return pipeline.encode(PlainText.prepared(text));
    }

    /**
     * The text that ids stand for; special ids give nothing.
     *
     * @param ids of this tokenizer
     * @return the text, with U+FFFD for half a character
     * @throws io.github.rnntoolkit.BundleException there is no such id
     */
    public String decode(int... ids) {
        List<Integer> ordinary = new ArrayList<>(ids.length);
        for (int id : ids) {
            if (!special.contains(id)) {
                ordinary.add(id);
            }
        }
        if (byteLevel) {
            return pipeline.decodeBytes(ordinary);
        }
        StringBuilder built = new StringBuilder();
        for (int number = 0; number < ordinary.size(); number++) {
            built.append(number == 0 ? "" : joins).append(pipeline.token(ordinary.get(number)));
        }
        String text = built.toString();
        if (joins.isEmpty()) {
            return text;
        }
        return text.replace(joins + "\n", "\n").replace("\n" + joins, "\n");
    }

    /**
     * The file at work.
     *
     * @return the tokenizer.json
     */
    public TokenizerPipeline pipeline() {
        return pipeline;
    }
}
