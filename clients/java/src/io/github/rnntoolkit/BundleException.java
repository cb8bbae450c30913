package io.github.rnntoolkit;

/** A bundle that cannot be read or run; the message says what was expected and what to do. */
public final class BundleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An error with a message for people.
     *
     * @param message one or two sentences: what is wrong, and what to do
     */
    public BundleException(String message) {
        super(message);
    }

    /**
     * An error that another one caused.
     *
     * @param message one or two sentences: what is wrong, and what to do
     * @param cause what went wrong underneath
     */
    public BundleException(String message, Throwable cause) {
        super(message, cause);
    }
}
