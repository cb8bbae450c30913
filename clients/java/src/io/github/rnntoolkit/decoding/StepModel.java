package io.github.rnntoolkit.decoding;

/** A language model with explicit states, whatever runs it. */
public interface StepModel {
    /**
     * Reads a whole prompt from zero states.
     *
     * @param ids at least one
     * @return one row: logits of the id that follows, states after the prompt
     */
    Answer prefill(int[] ids);

    /**
     * Reads one more id per row.
     *
     * @param ids one per row
     * @param states what prefill or step gave
     * @return logits of the id that follows, and new states; the given ones stay as they are
     */
    Answer step(int[] ids, States states);

    /** Logits and states. */
    final class Answer {
        /** [rows][vocabulary], unnormalised. */
        public final float[][] logits;
        /** After the ids that were read. */
        public final States states;

        /**
         * An answer.
         *
         * @param logits [rows][vocabulary]
         * @param states after the ids that were read
         */
        public Answer(float[][] logits, States states) {
            this.logits = logits;
            this.states = states;
        }
    }
}
