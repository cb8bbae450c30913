package io.github.rnntoolkit;

import io.github.rnntoolkit.decoding.Ended;
import java.util.Collections;
import java.util.List;

/** A text's translations; the fields at the top are those of the best. */
public final class Translation {
    /** The best translation. */
    public final String text;
    /** By which answers are ranked: the log-probability over the length penalty, plus coverage. */
    public final double score;
    /** Natural logarithm of its probability by the model, an end mark included. */
    public final double logProbability;
    /** END_MARK, or LENGTH when the bound cut it off. */
    public final Ended ended;
    /** All answers that were asked for, best first; at least one. */
    public final List<Candidate> candidates;
    /** Whether the source was longer than the model reads, so that its end was left out. */
    public final boolean cut;

    Translation(List<Candidate> candidates, boolean cut) {
        Candidate best = candidates.get(0);
        this.text = best.text;
        this.score = best.score;
        this.logProbability = best.logProbability;
        this.ended = best.ended;
        this.candidates = Collections.unmodifiableList(candidates);
        this.cut = cut;
    }

    /** One translation. */
    public static final class Candidate {
        /** The translation. */
        public final String text;
        /** See {@link Translation#score}. */
        public final double score;
        /** See {@link Translation#logProbability}. */
        public final double logProbability;
        /** See {@link Translation#ended}. */
        public final Ended ended;

        private final int[] ids;

        Candidate(String text, int[] ids, double score, double logProbability, Ended ended) {
            this.text = text;
            this.ids = ids;
            this.score = score;
            this.logProbability = logProbability;
            this.ended = ended;
        }

        /**
         * The target ids, without the end mark.
         *
         * @return a copy
         */
        public int[] ids() {
            return ids.clone();
        }
    }
}
