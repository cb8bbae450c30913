package io.github.rnntoolkit;

import io.github.rnntoolkit.decoding.Ended;

/** One text that a model wrote. */
public final class GeneratedText {
    /** The new text, without a stop string. */
    public final String text;
    /** Prompt and new text. */
    public final String fullText;
    /** Why the text ended. */
    public final Ended ended;
    /**
     * Natural logarithm of the probability that the model itself, without options, gives to
     * what it wrote, an end mark included.
     */
    public final double logProbability;
    /** By which a beam search ranks; elsewhere the log-probability. */
    public final double score;
    /** Gives the same text again; null for a beam search, which draws nothing. */
    public final Long seed;

    private final int[] ids;

    GeneratedText(
            String prompt,
            String text,
            int[] ids,
            Ended ended,
            double logProbability,
            double score,
            Long seed) {
        this.text = text;
        this.fullText = prompt + text;
        this.ids = ids;
        this.ended = ended;
        this.logProbability = logProbability;
        this.score = score;
        this.seed = seed;
    }

    /**
     * The new ids, without the end mark; those of a stop string are among them.
     *
     * @return a copy
     */
    public int[] ids() {
        return ids.clone();
    }
}
