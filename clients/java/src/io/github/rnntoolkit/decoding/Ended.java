package io.github.rnntoolkit.decoding;

/** Why a text ended. */
public enum Ended {
    /** The model wrote its end mark. */
    END_MARK("end mark"),
    /** The text reached a stop string, which is cut off. */
    STOP_STRING("stop string"),
    /** The most ids that were asked for are written. */
    LENGTH("length");

    private final String words;

    Ended(String words) {
        this.words = words;
    }

    /**
     * The reason as Python spells it.
     *
     * @return "end mark", "stop string" or "length"
     */
    @Override
    public String toString() {
        return words;
    }
}
