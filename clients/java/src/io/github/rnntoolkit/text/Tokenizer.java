package io.github.rnntoolkit.text;

import io.github.rnntoolkit.OptionException;
import java.util.Arrays;

/** Texts to ids for a classifier, with truncation that keeps head and tail. */
public final class Tokenizer {
    private final TokenizerPipeline pipeline;
    private final int unknownId;
    private final int maximumLength;
    private final int headLength;

    /**
     * A tokenizer of a bundle.
     *
     * @param pipeline the tokenizer.json
     * @param unknownId what a text without any token becomes
     * @param maximumLength the most ids a text may have
     * @param headLength how many ids of an over-long text come from its beginning; the others
     *     come from its end
     * @throws OptionException the lengths contradict each other
     */
    public Tokenizer(
            TokenizerPipeline pipeline, int unknownId, int maximumLength, int headLength) {
        if (maximumLength < 1 || headLength < 0 || headLength > maximumLength) {
            throw new OptionException(
                    "The head length must lie between 0 and the maximum length, which must be at "
                            + "least 1 (got " + headLength + " and " + maximumLength + ").");
        }
        this.pipeline = pipeline;
        this.unknownId = unknownId;
        this.maximumLength = maximumLength;
        this.headLength = headLength;
    }

    /**
     * The ids of one text.
     *
     * @param text any text, an empty one included
     * @return at least one id and at most the maximum length
     */
    public int[] encode(String text) {
        return truncate(pipeline.encode(text));
    }

    /**
     * The file at work.
     *
     * @return the tokenizer.json
     */
    public TokenizerPipeline pipeline() {
        return pipeline;
    }

    private int[] truncate(int[] ids) {
        if (ids.length == 0) {
            return new int[] {unknownId};
        }
        if (ids.length <= maximumLength) {
            return ids;
        }
        int[] kept = Arrays.copyOf(ids, maximumLength);
        int tail = maximumLength - headLength;
        System.arraycopy(ids, ids.length - tail, kept, headLength, tail);
        return kept;
    }
}
