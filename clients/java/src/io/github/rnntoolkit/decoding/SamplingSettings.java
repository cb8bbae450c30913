package io.github.rnntoolkit.decoding;

/** How ids are drawn. */
public final class SamplingSettings {
    final int length;
    final double temperature;
    final int topK;
    final double topP;
    final double minP;
    final double typical;

    /**
     * Settings, each within its range.
     *
     * @param length most new ids
     * @param temperature 0 takes the likeliest id
     * @param topK 0 for off
     * @param topP 1 for off
     * @param minP 0 for off
     * @param typical 1 for off
     */
    public SamplingSettings(
            int length, double temperature, int topK, double topP, double minP, double typical) {
        this.length = length;
        this.temperature = temperature;
        this.topK = topK;
        this.topP = topP;
        this.minP = minP;
        this.typical = typical;
    }
}
