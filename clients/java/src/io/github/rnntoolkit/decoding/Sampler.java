package io.github.rnntoolkit.decoding;

import java.util.Arrays;

/** Writes one sample id by id. */
public final class Sampler {
    private final SamplingSettings settings;
    private final Rules rules;
    private final NumpyRandom random;
    private int[] written = new int[0];
    private double logProbability;

    /**
     * A sampler for one text.
     *
     * <p>Every sample has its own random numbers, one per id, derived from the seed and its
     * number: sample 3 is the same however many are drawn.
     *
     * @param settings temperature, filters and length
     * @param rules what may come
     * @param seed of the request
     * @param sample the number of this sample, from 0
     */
    public Sampler(SamplingSettings settings, Rules rules, long seed, int sample) {
        this.settings = settings;
        this.rules = rules;
        this.random = new NumpyRandom(seed, sample);
    }

    /** Is told every new id but the end mark, and says whether the text ends with it. */
    public interface Listener {
        /**
         * One more id.
         *
         * @param id the id
         * @return whether the text ends here (a stop string)
         */
        boolean endsWith(int id);
    }

    /**
     * Writes until the end mark, a stop string, or the length.
     *
     * @param model the language model
     * @param context ids that it reads first, at least one
     * @param listener told of every id
     * @return why the text ended
     */
    public Ended write(StepModel model, int[] context, Listener listener) {
        StepModel.Answer answer = model.prefill(context);
        while (true) {
            float[] logits = answer.logits[0];
            int id = choose(rules.apply(logits, written));
            double[] byModel = Scores.ofLogits(logits);
            logProbability += byModel[id] - Scores.logNormalizer(byModel);
            if (rules.isEnd(id)) {
                return Ended.END_MARK;
            }
            written = Arrays.copyOf(written, written.length + 1);
            written[written.length - 1] = id;
            if (listener.endsWith(id)) {
                return Ended.STOP_STRING;
            }
            if (written.length == settings.length) {
                return Ended.LENGTH;
            }
            answer = model.step(new int[] {id}, answer.states);
        }
    }

    /**
     * The ids written so far.
     *
     * @return without the end mark
     */
    public int[] written() {
        return written.clone();
    }

    /**
     * The probability of what is written.
     *
     * @return its natural logarithm, by the model itself, an end mark included
     */
    public double logProbability() {
        return logProbability;
    }

    private int choose(double[] scores) {
        if (settings.temperature == 0) {
            return Scores.best(scores);
        }
        return inverseCdf(Filters.filtered(scores, settings), random.next());
    }

    /** The id at which the cumulative probability passes a number in [0, 1). */
    private static int inverseCdf(double[] logProbabilities, double number) {
        double[] cumulative = new double[logProbabilities.length];
        double sum = 0;
        int last = 0;
        for (int id = 0; id < cumulative.length; id++) {
            double probability = Math.exp(logProbabilities[id]);
            last = probability > 0 ? id : last;
            sum += probability;
            cumulative[id] = sum;
        }
        int found = 0;
        while (found < last && cumulative[found] <= number * sum) {
            found++;
        }
        // Rounding may lift the product to the very end; `last` is the last possible id.
        return found;
    }
}
