package io.github.rnntoolkit.decoding;

/** How a translation is searched for. */
public final class TranslationSettings {
    final int beam;
    final int nBest;
    final double lengthPenalty;
    final double coveragePenalty;
    final int minLength;
    final int noRepeatNgram;

    /**
     * Settings, each within its range.
     *
     * @param beam hypotheses kept; 1 is greedy
     * @param nBest most answers, at most the beam
     * @param lengthPenalty alpha of Wu et al. (2016); larger favours longer
     * @param coveragePenalty beta of Wu et al. (2016); favours reading every word
     * @param minLength ids before an end mark may come
     * @param noRepeatNgram 0 for off
     */
    public TranslationSettings(
            int beam,
            int nBest,
            double lengthPenalty,
            double coveragePenalty,
            int minLength,
            int noRepeatNgram) {
        this.beam = beam;
        this.nBest = nBest;
        this.lengthPenalty = lengthPenalty;
        this.coveragePenalty = coveragePenalty;
        this.minLength = minLength;
        this.noRepeatNgram = noRepeatNgram;
    }
}
