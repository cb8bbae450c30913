package io.github.rnntoolkit.decoding;

/** A model that reads a source text, then writes a target id by id; whatever runs it. */
public interface EncoderDecoder {
    /**
     * Reads a whole source text.
     *
     * @param ids of the source, at least one
     * @return one row: all that the decoder needs
     */
    Encoded encode(int[] ids);

    /**
     * Reads one more target id per row; the begin id comes first.
     *
     * @param ids one per row
     * @param fixed what encode gave and never changes, with as many rows
     * @param states what encode or step gave
     * @return logits, attention and new states; the given ones stay as they are
     */
    Answer step(int[] ids, States fixed, States states);

    /** What an encoder made of one source text. */
    final class Encoded {
        /** What the decoder reads at every step and never changes. */
        public final States fixed;
        /** The decoder's first states. */
        public final States states;

        /**
         * An encoded source.
         *
         * @param fixed of one row
         * @param states of one row
         */
        public Encoded(States fixed, States states) {
            this.fixed = fixed;
            this.states = states;
        }
    }

    /** What one step gives. */
    final class Answer {
        /** [rows][vocabulary], unnormalised. */
        public final float[][] logits;
        /** [rows][source ids], how much of each this step read. */
        public final float[][] attention;
        /** After the ids that were read. */
        public final States states;

        /**
         * An answer.
         *
         * @param logits [rows][vocabulary]
         * @param attention [rows][source ids]
         * @param states after the ids that were read
         */
        public Answer(float[][] logits, float[][] attention, States states) {
            this.logits = logits;
            this.attention = attention;
            this.states = states;
        }
    }
}
