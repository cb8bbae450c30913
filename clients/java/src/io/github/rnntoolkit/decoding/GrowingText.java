package io.github.rnntoolkit.decoding;

import java.util.Arrays;

/**
 * The text of one sample while ids arrive, in whole characters, up to a stop string.
 *
 * <p>An id may hold half a character (byte-level subwords): its text waits for the rest. Pieces
 * are decoded after the ids of the piece before, because a decoder may put a space between two
 * tokens. All pieces together are the decoded text.
 */
public final class GrowingText {
    private static final char HALF_CHARACTER = '\uFFFD';

    private final Decode decode;
    private final StopStrings stops;
    private final StringBuilder text = new StringBuilder();
    private int[] context;
    private int[] waiting = new int[0];
    private boolean stopped;
    private int searchFrom;
    private int given;

    /** Ids to text. */
    public interface Decode {
        /**
         * The text of ids.
         *
         * @param ids of the tokenizer
         * @return their text, with U+FFFD for half a character
         */
        String text(int... ids);
    }

    /**
     * A text without ids yet.
     *
     * @param decode ids to text
     * @param stops what ends it
     * @param context ids before the first; their text is not part of this one
     */
    public GrowingText(Decode decode, StopStrings stops, int[] context) {
        this.decode = decode;
        this.stops = stops;
        this.context = context.clone();
    }

    /**
     * One more id.
     *
     * @param id the id
     */
    public void add(int id) {
        waiting = Arrays.copyOf(waiting, waiting.length + 1);
        waiting[waiting.length - 1] = id;
        String piece = piece();
        if (!piece.isEmpty() && piece.charAt(piece.length() - 1) == HALF_CHARACTER) {
            return;
        }
        context = waiting;
        waiting = new int[0];
        append(piece);
    }

    /** No more ids come: what is left of half a character is dropped. */
    public void finish() {
        if (waiting.length > 0 && !stopped) {
            String piece = piece();
            int end = piece.length();
            while (end > 0 && piece.charAt(end - 1) == HALF_CHARACTER) {
                end--;
            }
            waiting = new int[0];
            append(piece.substring(0, end));
        }
    }

    /**
     * The text since the last call that can no longer change.
     *
     * @param last whether nothing more comes, so that a tail that looks like the beginning of a
     *     stop string is given too
     * @return whole characters; may be none
     */
    public String news(boolean last) {
        int tail = Math.max(0, text.length() - stops.longest());
        int held = last || stopped ? 0 : stops.heldBack(text.substring(tail));
        int end = Math.max(given, text.length() - held);
        String piece = text.substring(given, end);
        given = end;
        return piece;
    }

    /**
     * The text so far.
     *
     * @return without a stop string
     */
    public String text() {
        return text.toString();
    }

    /**
     * Whether a stop string ended the text.
     *
     * @return whether it did
     */
    public boolean stopped() {
        return stopped;
    }

    private void append(String piece) {
        text.append(piece);
        int place = stops.find(text.substring(searchFrom));
        if (place >= 0) {
            text.setLength(searchFrom + place);
            stopped = true;
        }
        int next = text.length() - Math.max(stops.longest() - 1, 0);
        searchFrom = Math.max(searchFrom, next);
    }

    private String piece() {
        String before = decode.text(context);
        int[] all = Arrays.copyOf(context, context.length + waiting.length);
        System.arraycopy(waiting, 0, all, context.length, waiting.length);
        String whole = decode.text(all);
        return whole.substring(Math.min(before.length(), whole.length()));
    }
}
