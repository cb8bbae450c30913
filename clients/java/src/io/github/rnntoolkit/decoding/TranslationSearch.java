package io.github.rnntoolkit.decoding;

import io.github.rnntoolkit.BundleException;
import io.github.rnntoolkit.OptionException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Beam search for the translation of one source text.
 *
 * <p>Each step ranks the continuations of the live hypotheses. Those among the best `beam` that
 * ended are answers; the best `beam` of the others stay live. Pruning is by log-probability
 * alone; the length and the coverage penalty rank the answers. The search is over at the length
 * bound; or when no live hypothesis can still be among the answers; or when `beam` hypotheses
 * ended, counted from the step in which one that ended is ahead of all that are live. With beam
 * 1 this is the greedy choice.
 */
public final class TranslationSearch {
    private static final float ALMOST_NEVER = -1e30f;

    private final TranslationSettings settings;
    private final int beginId;
    private final int endId;
    private final int[] never;

    /**
     * A search for any number of texts.
     *
     * @param settings how to search
     * @param vocabularySize number of target logits
     * @param beginId what a model reads before the first id
     * @param endId the end mark
     * @param never ids that are never written, such as padding; the begin id is one anyway
     * @throws OptionException no id is left to write
     */
    public TranslationSearch(
            TranslationSettings settings, int vocabularySize, int beginId, int endId, int[] never) {
        Set<Integer> blocked = new TreeSet<>();
        for (int id : never) {
            blocked.add(id);
        }
        blocked.add(beginId);
        if (vocabularySize <= blocked.size() + (blocked.contains(endId) ? 0 : 1)) {
            throw new OptionException("Every id of the target is special; none can be written.");
        }
        this.settings = settings;
        this.beginId = beginId;
        this.endId = endId;
        this.never = new int[blocked.size()];
        int used = 0;
        for (int id : blocked) {
            this.never[used++] = id;
        }
    }

    /**
     * The likeliest translations.
     *
     * @param model whatever runs it
     * @param source ids of the source, at least one
     * @param bound most ids, an end mark included
     * @return 1 to nBest answers, best first; of equals the one found earlier
     */
    public List<Hypothesis> search(EncoderDecoder model, int[] source, int bound) {
        return new OnItsWay(bound).search(model, source);
    }

    /** One search; the live hypotheses are the rows of the next model call. */
    private final class OnItsWay {
        private final int bound;
        private final Trail trail = new Trail();
        private final List<Hypothesis> best = new ArrayList<>();
        private double[] totals = {0};
        private int[] ids = {beginId};
        private boolean counting;
        private int counted;

        OnItsWay(int bound) {
            this.bound = bound;
        }

        List<Hypothesis> search(EncoderDecoder model, int[] source) {
            EncoderDecoder.Encoded encoded = model.encode(source);
            States fixed = encoded.fixed;
            States states = encoded.states;
            int fixedRows = 1;
            while (true) {
                EncoderDecoder.Answer answer = model.step(ids, fixed, states);
                trail.read(answer.attention);
                BestPlaces grown = grow(answer.logits);
                finish(grown);
                int[] parents = goOn(grown);
                if (parents == null) {
                    return best;
                }
                states = answer.states.take(parents);
                if (parents.length != fixedRows) { // equal in all rows, so only their number counts
                    fixed = encoded.fixed.take(new int[parents.length]);
                    fixedRows = parents.length;
                }
            }
        }

        /** Twice the beam, since up to one beam of them may have ended. */
        private BestPlaces grow(float[][] logits) {
            BestPlaces grown = new BestPlaces(2 * settings.beam);
            for (int row = 0; row < logits.length; row++) {
                double[] scores = allowed(logits[row], row);
                double normalizer = logNormalizer(logits[row]);
                for (int id = 0; id < scores.length; id++) {
                    grown.offer(totals[row] + (scores[id] - normalizer), row, id);
                }
            }
            return grown;
        }

        private double[] allowed(float[] logits, int row) {
            double[] scores = Scores.ofLogits(logits);
            for (int id : never) {
                scores[id] = Scores.IMPOSSIBLE;
            }
            if (trail.position() <= settings.minLength) {
                scores[endId] = Scores.IMPOSSIBLE;
            }
            if (settings.noRepeatNgram > 0) {
                int[] history = trail.idsBefore(row);
                Scores.block(scores, Scores.idsThatRepeat(history, settings.noRepeatNgram));
            }
            if (!Scores.anyPossible(scores)) { // then the end mark may come after all
                scores[endId] = Math.max(logits[endId], ALMOST_NEVER);
            }
            return scores;
        }

        /** Notes the answers: what ended among the best, as many as the beam is wide. */
        private void finish(BestPlaces grown) {
            int position = trail.position();
            for (int place = 0; place < Math.min(grown.size(), settings.beam); place++) {
                if (!ended(grown, place)) {
                    continue;
                }
                double total = grown.score(place);
                double score = total / Hypothesis.lengthPenalty(position, settings.lengthPenalty);
                if (settings.coveragePenalty > 0) {
                    score += trail.coverage(grown.row(place), settings.coveragePenalty);
                }
                add(hypothesis(grown, place, score));
                counting |= place == 0;
                counted += counting ? 1 : 0;
            }
        }

        private Hypothesis hypothesis(BestPlaces grown, int place, double score) {
            int[] found = trail.idsBefore(grown.row(place));
            boolean byMark = grown.id(place) == endId;
            if (!byMark) {
                found = Arrays.copyOf(found, found.length + 1);
                found[found.length - 1] = grown.id(place);
            }
            Ended ended = byMark ? Ended.END_MARK : Ended.LENGTH;
            return new Hypothesis(found, score, grown.score(place), ended);
        }

        private void add(Hypothesis answer) {
            int place = best.size();
            while (place > 0 && best.get(place - 1).score < answer.score) {
                place--;
            }
            best.add(place, answer);
            if (best.size() > settings.nBest) {
                best.remove(settings.nBest);
            }
        }

        /** Keeps the best live hypotheses; the rows they came from, or null when all is done. */
        private int[] goOn(BestPlaces grown) {
            int[] places = new int[settings.beam];
            int width = 0;
            for (int place = 0; place < grown.size() && width < settings.beam; place++) {
                if (!ended(grown, place)) {
                    places[width++] = place;
                }
            }
            if (width == 0 || done(grown.score(places[0]))) {
                return null;
            }
            totals = new double[width];
            ids = new int[width];
            int[] parents = new int[width];
            for (int row = 0; row < width; row++) {
                totals[row] = grown.score(places[row]);
                ids[row] = grown.id(places[row]);
                parents[row] = grown.row(places[row]);
            }
            trail.chose(ids, parents);
            return parents;
        }

        private boolean ended(BestPlaces grown, int place) {
            return grown.id(place) == endId || trail.position() >= bound;
        }

        /** Whether nothing live can change the answers; given the best live total. */
        private boolean done(double bestLive) {
            if (counted >= settings.beam) {
                return true;
            }
            double most = bestLive / Hypothesis.lengthPenalty(bound, settings.lengthPenalty);
            return best.size() == settings.nBest && best.get(settings.nBest - 1).score >= most;
        }
    }

    private static double logNormalizer(float[] logits) {
        double found = Scores.logNormalizer(Scores.ofLogits(logits));
        if (Double.isNaN(found) || Double.isInfinite(found)) {
            throw new BundleException(
                    "The network answered with something that is not a number. Its weights are "
                            + "damaged; train again, with a smaller learning rate.");
        }
        return found;
    }
}
