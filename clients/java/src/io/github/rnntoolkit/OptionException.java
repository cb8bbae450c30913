package io.github.rnntoolkit;

/** An option out of its range, or options that contradict each other. */
public final class OptionException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * An error with a message for people.
     *
     * @param message names the option, its range and what was given
     */
    public OptionException(String message) {
        super(message);
    }
}
