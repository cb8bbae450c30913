package io.github.rnntoolkit.decoding;

import java.util.ArrayList;
import java.util.List;

/** Finds the first stop string of a text, and tails that may become one. */
public final class StopStrings {
    private final List<String> stops;

    /**
     * Some stop strings.
     *
     * @param stops texts of at least one character
     */
    public StopStrings(List<String> stops) {
        this.stops = new ArrayList<>(stops);
    }

    /**
     * Where the first stop string begins.
     *
     * @param text any text
     * @return its place; -1 where there is none
     */
    public int find(String text) {
        int found = -1;
        for (String stop : stops) {
            int place = text.indexOf(stop);
            if (place >= 0 && (found < 0 || place < found)) {
                found = place;
            }
        }
        return found;
    }

    /** How many characters at the end may be the beginning of a stop string. */
    int heldBack(String text) {
        int held = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, text.length()); length > held; length--) {
                if (text.endsWith(stop.substring(0, length))) {
                    held = length;
                }
            }
        }
        return held;
    }

    int longest() {
        int longest = 0;
        for (String stop : stops) {
            longest = Math.max(longest, stop.length());
        }
        return longest;
    }
}
