package io.github.rnntoolkit;

import io.github.rnntoolkit.decoding.TranslationSettings;
import io.github.rnntoolkit.json.JsonObject;

/**
 * How a translation is searched for; what is not set is as the bundle's manifest says.
 *
 * <p>Each method sets one option and gives the same object back.
 */
public final class TranslationOptions {
    private static final double ROUNDING = 1e-9;

    private Integer beam;
    private Integer nBest;
    private Double lengthPenalty;
    private Double coveragePenalty;
    private Double lengthRatio;
    private Integer extraLength;
    private Integer maximumLength;
    private Integer minLength;
    private Integer noRepeatNgram;

    /**
     * Hypotheses kept.
     *
     * @param width 1 is greedy
     * @return these options
     */
    public TranslationOptions beam(int width) {
        beam = OptionRange.atLeast("beam", width, 1);
        return this;
    }

    /**
     * How many answers to give.
     *
     * @param answers at least 1, at most the beam
     * @return these options
     */
    public TranslationOptions nBest(int answers) {
        nBest = OptionRange.atLeast("nBest", answers, 1);
        return this;
    }

    /**
     * How much longer answers are favoured.
     *
     * @param alpha of Wu et al. (2016), between 0 and 2
     * @return these options
     */
    public TranslationOptions lengthPenalty(double alpha) {
        lengthPenalty = OptionRange.between("lengthPenalty", alpha, 0, 2);
        return this;
    }

    /**
     * How much it counts that every source word was read.
     *
     * @param beta of Wu et al. (2016), at least 0
     * @return these options
     */
    public TranslationOptions coveragePenalty(double beta) {
        coveragePenalty = OptionRange.atLeast("coveragePenalty", beta, 0);
        return this;
    }

    /**
     * Most target tokens per source token, and tokens beyond that ratio.
     *
     * @param ratio above 0
     * @param extra at least 0
     * @return these options
     */
    public TranslationOptions lengthBound(double ratio, int extra) {
        lengthRatio = OptionRange.above("lengthRatio", ratio, 0, Double.MAX_VALUE);
        extraLength = OptionRange.atLeast("extraLength", extra, 0);
        return this;
    }

    /**
     * Most target tokens in any case.
     *
     * @param tokens at least 1
     * @return these options
     */
    public TranslationOptions maximumLength(int tokens) {
        maximumLength = OptionRange.atLeast("maximumLength", tokens, 1);
        return this;
    }

    /**
     * Tokens before an end mark may come.
     *
     * @param tokens at least 0, at most the maximum length
     * @return these options
     */
    public TranslationOptions minLength(int tokens) {
        minLength = OptionRange.atLeast("minLength", tokens, 0);
        return this;
    }

    /**
     * Lets no sequence of so many ids come twice.
     *
     * @param size of the sequence; 0 for off
     * @return these options
     */
    public TranslationOptions noRepeatNgram(int size) {
        noRepeatNgram = OptionRange.atLeast("noRepeatNgram", size, 0);
        return this;
    }

    /** The options of a search, the manifest's "decoding" where nothing is set. */
    TranslationSettings settings(JsonObject defaults) {
        int width = beam == null ? defaults.integer("beam") : beam;
        int answers = nBest == null ? 1 : nBest;
        int least = minLength == null ? 0 : minLength;
        int longest = longest(defaults);
        if (answers > width) {
            throw OptionRange.refused("nBest", "a beam of " + width + " is too narrow for "
                    + answers + " answers; widen it");
        }
        if (least > longest) {
            throw OptionRange.refused(
                    "minLength", "must not exceed maximumLength, which is " + longest);
        }
        return new TranslationSettings(
                width,
                answers,
                lengthPenalty == null ? defaults.number("length_penalty") : lengthPenalty,
                coveragePenalty == null ? defaults.number("coverage_penalty") : coveragePenalty,
                least,
                noRepeatNgram == null ? 0 : noRepeatNgram);
    }

    /** The most ids that a translation may have, an end mark included. */
    int bound(JsonObject defaults, int sourceIds) {
        double ratio = lengthRatio == null ? defaults.number("length_ratio") : lengthRatio;
        int extra = extraLength == null ? defaults.integer("extra_length") : extraLength;
        // Rounding must not lift 1.1 x 10 to 12; lengths are whole anyway.
        double wanted = Math.ceil(ratio * sourceIds - ROUNDING) + extra;
        return (int) Math.max(1, Math.min(longest(defaults), wanted));
    }

    private int longest(JsonObject defaults) {
        return maximumLength == null ? defaults.integer("maximum_length") : maximumLength;
    }
}
