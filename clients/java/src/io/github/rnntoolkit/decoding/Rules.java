package io.github.rnntoolkit.decoding;

import io.github.rnntoolkit.OptionException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** What may come next, given what a row has written. */
public final class Rules {
    private final int[] never;
    private final Integer endId;
    private final int minLength;
    private final int[] prompt;
    private final int noRepeatNgram;
    private final double repetitionPenalty;

    /**
     * The rules of one request.
     *
     * @param vocabularySize number of logits
     * @param never ids that are never written: padding, unknown, begin and the like
     * @param endId the end mark; null for a model that has none
     * @param minLength new ids before the end mark may come
     * @param prompt ids before the new ones; they count as written for repeats
     * @param noRepeatNgram no sequence of so many ids comes twice; 0 for off
     * @param repetitionPenalty 1 for off
     * @throws OptionException no id is left to write
     */
    public Rules(
            int vocabularySize,
            int[] never,
            Integer endId,
            int minLength,
            int[] prompt,
            int noRepeatNgram,
            double repetitionPenalty) {
        Set<Integer> spoken = new HashSet<>();
        for (int id : never) {
            spoken.add(id);
        }
        if (endId != null) {
            spoken.add(endId);
        }
        if (spoken.size() >= vocabularySize) {
            throw new OptionException("Every id of the model is special; none can be written.");
        }
        this.never = never.clone();
        this.endId = endId;
        this.minLength = minLength;
        this.prompt = prompt.clone();
        this.noRepeatNgram = noRepeatNgram;
        this.repetitionPenalty = repetitionPenalty;
    }

    /** Whether an id is the end mark. */
    boolean isEnd(int id) {
        return endId != null && endId == id;
    }

    /** The scores of a row that has written some ids; minus infinity for what must not come. */
    double[] apply(float[] logits, int[] written) {
        double[] scores = Scores.ofLogits(logits);
        int[] history = new int[0];
        if (repetitionPenalty != 1 || noRepeatNgram > 0) {
            history = Arrays.copyOf(prompt, prompt.length + written.length);
            System.arraycopy(written, 0, history, prompt.length, written.length);
        }
        if (repetitionPenalty != 1) {
            penalise(scores, history);
        }
        for (int id : never) {
            scores[id] = Scores.IMPOSSIBLE;
        }
        if (endId != null && written.length < minLength) {
            scores[endId] = Scores.IMPOSSIBLE;
        }
        if (noRepeatNgram > 0) {
            Scores.block(scores, Scores.idsThatRepeat(history, noRepeatNgram));
        }
        return scores;
    }

    /** Makes the logits of ids that were there before smaller (Keskar et al., 2019). */
    private void penalise(double[] scores, int[] history) {
        boolean[] done = new boolean[scores.length];
        for (int id : history) {
            if (!done[id]) {
                done[id] = true;
                // A negative logit is multiplied, so that it loses too.
                scores[id] = scores[id] > 0
                        ? scores[id] / repetitionPenalty : scores[id] * repetitionPenalty;
            }
        }
    }
}
