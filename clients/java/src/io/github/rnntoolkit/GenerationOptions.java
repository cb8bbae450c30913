package io.github.rnntoolkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How a text is written; what is not set is as the bundle's manifest says.
 *
 * <p>Each method sets one option and gives the same object back.
 */
public final class GenerationOptions {
    Integer length;
    Integer minLength;
    Double temperature;
    Integer topK;
    Double topP;
    Double minP;
    Double typical;
    Double repetitionPenalty;
    Integer noRepeatNgram;
    Integer beam;
    Integer nBest;
    Double lengthPenalty;
    Long seed;
    int sample;
    String condition;
    List<String> stop = new ArrayList<>();

    /**
     * Most new tokens.
     *
     * @param tokens at least 1
     * @return these options
     */
    public GenerationOptions length(int tokens) {
        length = OptionRange.atLeast("length", tokens, 1);
        return this;
    }

    /**
     * Tokens before an end mark may come.
     *
     * @param tokens at least 0, at most the length
     * @return these options
     */
    public GenerationOptions minLength(int tokens) {
        minLength = OptionRange.atLeast("minLength", tokens, 0);
        return this;
    }

    /**
     * How freely ids are drawn.
     *
     * @param value 0 takes the likeliest id; 1 draws from the model's own probabilities
     * @return these options
     */
    public GenerationOptions temperature(double value) {
        temperature = OptionRange.atLeast("temperature", value, 0);
        return this;
    }

    /**
     * Draws from the likeliest ids only.
     *
     * @param ids how many; 0 for off
     * @return these options
     */
    public GenerationOptions topK(int ids) {
        topK = OptionRange.atLeast("topK", ids, 0);
        return this;
    }

    /**
     * Draws from the smallest set of likeliest ids with this probability.
     *
     * @param mass above 0; 1 for off
     * @return these options
     */
    public GenerationOptions topP(double mass) {
        topP = OptionRange.above("topP", mass, 0, 1);
        return this;
    }

    /**
     * Draws from ids that are at least so likely, as a share of the likeliest.
     *
     * @param share between 0 and 1; 0 for off
     * @return these options
     */
    public GenerationOptions minP(double share) {
        minP = OptionRange.between("minP", share, 0, 1);
        return this;
    }

    /**
     * Draws from the ids whose surprise is nearest the expected one.
     *
     * @param mass the probability they must have, above 0; 1 for off
     * @return these options
     */
    public GenerationOptions typical(double mass) {
        typical = OptionRange.above("typical", mass, 0, 1);
        return this;
    }

    /**
     * Makes ids that were there before less likely.
     *
     * @param penalty at least 1, which is off
     * @return these options
     */
    public GenerationOptions repetitionPenalty(double penalty) {
        repetitionPenalty = OptionRange.atLeast("repetitionPenalty", penalty, 1);
        return this;
    }

    /**
     * Lets no sequence of so many ids come twice.
     *
     * @param size of the sequence; 0 for off
     * @return these options
     */
    public GenerationOptions noRepeatNgram(int size) {
        noRepeatNgram = OptionRange.atLeast("noRepeatNgram", size, 0);
        return this;
    }

    /**
     * Texts that end what is written, and are cut off.
     *
     * @param texts each of at least one character
     * @return these options
     */
    public GenerationOptions stop(String... texts) {
        if (Arrays.asList(texts).contains("")) {
            throw OptionRange.refused("stop", "an empty text is everywhere; give a character");
        }
        stop = new ArrayList<>(Arrays.asList(texts));
        return this;
    }

    /**
     * Makes the text the same every time, here and in Python.
     *
     * @param number at least 0
     * @return these options
     */
    public GenerationOptions seed(long number) {
        if (number < 0) {
            throw OptionRange.refused("seed", "must be at least 0 (got " + number + ")");
        }
        seed = number;
        return this;
    }

    /**
     * Which of several texts of one seed to write: Python's samples=3 gives 0, 1 and 2.
     *
     * @param number at least 0, which it is unless set
     * @return these options
     */
    public GenerationOptions sample(int number) {
        sample = OptionRange.atLeast("sample", number, 0);
        return this;
    }

    /**
     * The label that steers the text, for models trained with one.
     *
     * @param label one of the manifest's conditions; the first unless set
     * @return these options
     */
    public GenerationOptions condition(String label) {
        condition = label;
        return this;
    }

    /**
     * Searches for the likeliest text instead of drawing one.
     *
     * @param width hypotheses kept; 1 draws
     * @return these options
     */
    public GenerationOptions beam(int width) {
        beam = OptionRange.atLeast("beam", width, 1);
        return this;
    }

    /**
     * How many answers a beam search gives.
     *
     * @param answers at least 1, at most the beam
     * @return these options
     */
    public GenerationOptions nBest(int answers) {
        nBest = OptionRange.atLeast("nBest", answers, 1);
        return this;
    }

    /**
     * How much a beam search favours longer texts.
     *
     * @param alpha of Wu et al. (2016), at least 0
     * @return these options
     */
    public GenerationOptions lengthPenalty(double alpha) {
        lengthPenalty = OptionRange.atLeast("lengthPenalty", alpha, 0);
        return this;
    }

    /** Refuses options that contradict each other, given the length that holds. */
    void check(int length) {
        boolean searches = beam != null && beam > 1;
        if (minLength != null && minLength > length) {
            throw OptionRange.refused("minLength", "must not exceed length, which is " + length);
        }
        if ((nBest == null ? 1 : nBest) > (beam == null ? 1 : beam)) {
            throw OptionRange.refused("nBest", "must not exceed beam, which is " + beam);
        }
        if (!searches && lengthPenalty != null && lengthPenalty != 0) {
            throw OptionRange.refused("lengthPenalty", "only a beam search takes one; set beam");
        }
        boolean draws = temperature != null && temperature != 1 || topK != null && topK != 0
                || topP != null && topP != 1 || minP != null && minP != 0
                || typical != null && typical != 1;
        if (searches && draws) {
            throw OptionRange.refused("beam", "a beam search does not draw; leave out temperature, "
                    + "topK, topP, minP and typical, or the beam");
        }
    }
}
