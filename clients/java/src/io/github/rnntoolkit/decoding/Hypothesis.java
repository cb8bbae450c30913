package io.github.rnntoolkit.decoding;

/** One answer of a beam search. */
public final class Hypothesis {
    /** Without the end mark. */
    public final int[] ids;
    /** By which answers are ranked; higher is better. */
    public final double score;
    /** The sum by the model, an end mark included. */
    public final double logProbability;
    /** Why it ended. */
    public final Ended ended;

    Hypothesis(int[] ids, double score, double logProbability, Ended ended) {
        this.ids = ids;
        this.score = score;
        this.logProbability = logProbability;
        this.ended = ended;
    }

    /**
     * What a sum of log-probabilities is divided by: lp of equation 14 of Wu et al. (2016).
     *
     * @param length ids of the hypothesis, an end mark included
     * @param alpha 0 for none; larger favours longer answers
     */
    static double lengthPenalty(int length, double alpha) {
        return Math.pow((5.0 + length) / 6.0, alpha);
    }
}
