package io.github.rnntoolkit.decoding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The likeliest texts that a beam finds.
 *
 * <p>Each step keeps the best continuations of all live hypotheses, as many as the beam is wide.
 * Those that ended among them leave the beam. The search is over when nothing is live, or when
 * no live hypothesis can still be among the answers: log-probabilities only fall, so the most
 * that one can reach is its sum over the penalty of the greatest length.
 */
public final class BeamSearch {
    private final Rules rules;
    private final int width;
    private final int length;
    private final int nBest;
    private final double lengthPenalty;

    /**
     * A search.
     *
     * @param rules what may come
     * @param width hypotheses kept per step
     * @param length most ids, the end mark included
     * @param nBest most answers, at most the width
     * @param lengthPenalty alpha of Wu et al. (2016); 0 for none
     */
    public BeamSearch(Rules rules, int width, int length, int nBest, double lengthPenalty) {
        this.rules = rules;
        this.width = width;
        this.length = length;
        this.nBest = nBest;
        this.lengthPenalty = lengthPenalty;
    }

    /** Says whether the text of some ids ends there. */
    public interface Stopped {
        /**
         * Asks about one hypothesis.
         *
         * @param ids all its ids
         * @return whether a stop string is in its text
         */
        boolean at(int[] ids);
    }

    /** A hypothesis that goes on; total is its score without the length penalty. */
    private static final class Live {
        final int row;
        final int[] ids;
        final double total;
        final double logProbability;

        Live(int row, int[] ids, double total, double logProbability) {
            this.row = row;
            this.ids = ids;
            this.total = total;
            this.logProbability = logProbability;
        }

        int newest() {
            return ids[ids.length - 1];
        }
    }

    /**
     * Searches.
     *
     * @param model the language model; all hypotheses go through it in one call
     * @param context ids that it reads first, at least one
     * @param stopped whether a hypothesis ends at a stop string
     * @return at least one answer, best first
     */
    public List<Hypothesis> search(StepModel model, int[] context, Stopped stopped) {
        StepModel.Answer answer = model.prefill(context);
        List<Live> live = new ArrayList<>();
        live.add(new Live(0, new int[0], 0, 0));
        List<Hypothesis> finished = new ArrayList<>();
        for (int position = 1; position <= length; position++) {
            List<Live> goingOn = new ArrayList<>();
            double best = Scores.IMPOSSIBLE;
            for (Live grown : grow(live, answer.logits)) {
                Ended ended = end(grown, position, stopped);
                if (ended == null) {
                    goingOn.add(grown);
                    best = Math.max(best, grown.total);
                } else {
                    finish(finished, grown, ended, position);
                }
            }
            double most = best / Hypothesis.lengthPenalty(length, lengthPenalty);
            boolean decided =
                    finished.size() == nBest && finished.get(nBest - 1).score >= most;
            if (goingOn.isEmpty() || decided) {
                break;
            }
            live = goingOn;
            int[] rows = new int[live.size()];
            int[] newest = new int[live.size()];
            for (int number = 0; number < rows.length; number++) {
                rows[number] = live.get(number).row;
                newest[number] = live.get(number).newest();
            }
            answer = model.step(newest, answer.states.take(rows));
        }
        return finished;
    }

    private Ended end(Live grown, int position, Stopped stopped) {
        if (rules.isEnd(grown.newest())) {
            return Ended.END_MARK;
        }
        if (stopped.at(grown.ids)) {
            return Ended.STOP_STRING;
        }
        return position == length ? Ended.LENGTH : null;
    }

    private void finish(List<Hypothesis> finished, Live grown, Ended ended, int position) {
        int[] ids = ended == Ended.END_MARK
                ? Arrays.copyOf(grown.ids, grown.ids.length - 1) : grown.ids;
        double score = grown.total / Hypothesis.lengthPenalty(position, lengthPenalty);
        int place = finished.size();
        while (place > 0 && finished.get(place - 1).score < score) {
            place--;
        }
        finished.add(place, new Hypothesis(ids, score, grown.logProbability, ended));
        if (finished.size() > nBest) {
            finished.remove(nBest);
        }
    }

    /** The best continuations, best first; of equals the one of the lower row and id. */
    private List<Live> grow(List<Live> live, float[][] logits) {
        BestPlaces best = new BestPlaces(width);
        double[] normalizers = new double[live.size()];
        for (int row = 0; row < normalizers.length; row++) {
            // What the rules leave keeps its probability: a way with few choices must not look
            // certain.
            normalizers[row] = Scores.logNormalizer(Scores.ofLogits(logits[row]));
            double[] scores = rules.apply(logits[row], live.get(row).ids);
            for (int id = 0; id < scores.length; id++) {
                double total = scores[id] - normalizers[row] + live.get(row).total;
                best.offer(total, row, id);
            }
        }
        List<Live> grown = new ArrayList<>();
        for (int place = 0; place < best.size(); place++) {
            int row = best.row(place);
            int id = best.id(place);
            Live parent = live.get(row);
            int[] ids = Arrays.copyOf(parent.ids, parent.ids.length + 1);
            ids[ids.length - 1] = id;
            double own = logits[row][id] - normalizers[row];
            grown.add(new Live(row, ids, best.score(place), parent.logProbability + own));
        }
        return grown;
    }
}
